/// A labelled part of a stacked bar.
package struct BarSegment: Sendable {
  package var label: String
  package var value: Double
  package var style: CellStyle

  package init(_ label: String, _ value: Double, style: CellStyle) {
    self.label = label
    self.value = value
    self.style = style
  }
}

/// Parts side by side in one bar, as high as its region; labels stand in the parts that have room.
///
/// The bar is as long as its sum against `total`; neighbours differ in fill as well as in style. Values that
/// are not finite or not positive take no room.
package struct StackedBar: Drawable, Sendable {
  package var segments: [BarSegment]
  /// What the whole width stands for; nil: the sum of the segments.
  package var total: Double?
  /// A value marked across the bar, such as the original's size.
  package var rule: Double?

  package init(_ segments: [BarSegment], total: Double? = nil, rule: Double? = nil) {
    self.segments = segments
    self.total = total
    self.rule = rule
  }

  package func draw(on canvas: inout Canvas) {
    guard !canvas.size.isEmpty else { return }
    let values = segments.map { $0.value.isFinite ? max(0, $0.value) : 0 }
    let sum = values.reduce(0, +)
    let whole = total.flatMap { $0.isFinite && $0 > 0 ? $0 : nil } ?? sum
    guard whole > 0, whole.isFinite, sum.isFinite else { return }
    let scale = Double(canvas.width) / whole
    let fills = canvas.glyphs.fills
    var end = 0.0
    var shown = 0
    for (index, segment) in segments.enumerated() {
      let start = column(end * scale, canvas.width)
      end += values[index]
      let stop = column(end * scale, canvas.width)
      guard stop > start else { continue }
      canvas.fill(
        Rect(x: start, width: stop - start, height: canvas.height), fills[shown % fills.count],
        style: segment.style)
      shown += 1
      let columns = DisplayWidth.of(segment.label)
      if columns > 0, columns + 4 <= stop - start {
        canvas.text(
          " \(segment.label) ", x: start + (stop - start - columns - 2) / 2, y: (canvas.height - 1) / 2,
          style: segment.style)
      }
    }
    if let rule, rule.isFinite, rule >= 0 {
      let x = min(canvas.width - 1, column(rule * scale, canvas.width))
      for y in 0..<canvas.height { canvas.put(canvas.glyphs.vertical, x: x, y: y, style: .original) }
    }
  }

  private func column(_ place: Double, _ width: Int) -> Int {
    Int(min(max(place, 0), Double(width)).rounded())
  }
}
