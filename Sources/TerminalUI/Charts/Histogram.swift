/// Counts over equal bins of a range as upright bars, with the range's ends below.
///
/// Bins are joined when there are more of them than columns, and widened when there are fewer.
package struct Histogram: Drawable, Sendable {
  package var counts: [Int]
  package var lower: Double
  package var upper: Double
  package var format: NumberFormat
  package var style: CellStyle
  /// Values marked across the bars, such as a threshold on both sides.
  package var rules: [Double]

  package init(
    counts: [Int], lower: Double, upper: Double, format: NumberFormat = .plain,
    style: CellStyle = .series(0), rules: [Double] = []
  ) {
    self.counts = counts
    self.lower = lower
    self.upper = upper
    self.format = format
    self.style = style
    self.rules = rules
  }

  package func draw(on canvas: inout Canvas) {
    guard !canvas.size.isEmpty, !counts.isEmpty else { return }
    let isLabelled = canvas.height >= 3
    let rows = isLabelled ? canvas.height - 1 : canvas.height
    let bars = columns(canvas.width)
    let greatest = bars.max() ?? 0
    let steps = canvas.glyphs.verticalSteps
    for (x, count) in bars.enumerated() where count > 0 && greatest > 0 {
      let height = max(1, Int((count / greatest * Double(rows * steps.count)).rounded()))
      for row in 0..<rows {
        let part = min(steps.count, height - row * steps.count)
        guard part > 0 else { break }
        canvas.put(steps[part - 1], x: x, y: rows - 1 - row, style: style)
      }
    }
    drawRules(on: &canvas, rows)
    if isLabelled { drawLabels(on: &canvas) }
  }

  /// The counts that fall on every column; a bin that spans several is shared out between them, so that
  /// uneven divisions make no spikes.
  private func columns(_ width: Int) -> [Double] {
    let binsPerColumn = Double(counts.count) / Double(width)
    return (0..<width).map { x in
      let start = Double(x) * binsPerColumn
      let end = start + binsPerColumn
      let bins = Int(start)..<min(counts.count, Int(end.rounded(.up)))
      return bins.reduce(0.0) { sum, bin in
        let part = min(end, Double(bin + 1)) - max(start, Double(bin))
        return sum + Double(max(0, counts[bin])) * max(0, part)
      }
    }
  }

  private func drawRules(on canvas: inout Canvas, _ rows: Int) {
    guard lower.isFinite, upper.isFinite, upper > lower else { return }
    for value in rules where value >= lower && value <= upper {
      let x = min(canvas.width - 1, Int((value - lower) / (upper - lower) * Double(canvas.width)))
      for y in 0..<rows { canvas.put(canvas.glyphs.vertical, x: x, y: y, style: .mark) }
    }
  }

  private func drawLabels(on canvas: inout Canvas) {
    let left = format.text(lower)
    let right = format.text(upper)
    guard DisplayWidth.of(left) + DisplayWidth.of(right) < canvas.width else { return }
    canvas.text(left, y: canvas.height - 1, style: .axis)
    canvas.text(
      right, x: canvas.width - DisplayWidth.of(right), y: canvas.height - 1, style: .axis)
  }
}
