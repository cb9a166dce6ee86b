/// One line of a chart: a value for every step; values that are not finite leave a gap.
package struct LineSeries: Sendable {
  package var values: [Double]
  package var style: CellStyle

  package init(_ values: [Double], style: CellStyle = .series(0)) {
    self.values = values
    self.style = style
  }
}

/// A shaded range for every step, such as p50 to p95.
package struct LineBand: Sendable {
  package var lower: [Double]
  package var upper: [Double]
  package var style: CellStyle

  package init(lower: [Double], upper: [Double], style: CellStyle = .band) {
    self.lower = lower
    self.upper = upper
    self.style = style
  }
}

/// A level drawn across the chart, such as the original's.
package struct LineRule: Sendable {
  package var value: Double
  package var label: String
  package var style: CellStyle

  package init(_ value: Double, label: String = "", style: CellStyle = .original) {
    self.value = value
    self.label = label
    self.style = style
  }
}

/// Values over steps: bands below, then rules, then lines, each over what came before.
///
/// All steps fit the width, the newest at the right; `lastSteps` shows only so many. The name of the steps stands in a
/// corner that no line passes. Small regions lose the labels first and the axis next; a single cell still shows a dot.
package struct LineChart: Drawable, Sendable {
  package var series: [LineSeries]
  package var band: LineBand?
  package var rules: [LineRule]
  package var format: NumberFormat
  package var lastSteps: Int?
  /// Values the axis holds whether or not a line reaches them, so that small changes do not move its scale.
  package var covers: [Double]
  /// What the quantity can be; the axis goes no further unless a value does.
  package var limits: ClosedRange<Double>
  /// What is counted from left to right, such as "steps".
  package var stepTitle: String

  package init(
    series: [LineSeries], band: LineBand? = nil, rules: [LineRule] = [], format: NumberFormat = .plain,
    lastSteps: Int? = nil, covers: [Double] = [],
    limits: ClosedRange<Double> = -Double.infinity...Double.infinity, stepTitle: String = ""
  ) {
    self.limits = limits
    self.stepTitle = stepTitle
    self.series = series
    self.band = band
    self.rules = rules
    self.format = format
    self.lastSteps = lastSteps
    self.covers = covers
  }

  package func draw(on canvas: inout Canvas) {
    guard !canvas.size.isEmpty else { return }
    let shown = series.map { LineSeries(cut($0.values), style: $0.style) }
    let lower = band.map { cut($0.lower) } ?? []
    let upper = band.map { cut($0.upper) } ?? []
    let values = shown.flatMap(\.values) + lower + upper + rules.map(\.value) + covers
    let axis = Axis(
      covering: values, tickCount: max(2, min(6, canvas.height / 2)), limits: limits)
    let plot = ValueAxisGutter(axis: axis, format: format).draw(on: &canvas, rows: canvas.height)
    let steps = max(shown.map(\.values.count).max() ?? 0, lower.count, upper.count)
    canvas.draw(in: plot) { canvas in
      drawRules(on: &canvas, axis)
      var grid = DotGrid(size: canvas.size, marker: canvas.glyphs.marker)
      let place = StepPlace(axis: axis, steps: steps, dots: grid.dots)
      if let band { shade(lower, upper, band.style, place, &grid) }
      for line in shown { trace(line, place, &grid) }
      grid.draw(on: &canvas)
      labelRules(on: &canvas, axis, grid)
      labelSteps(on: &canvas, axis, grid)
    }
  }

  /// At the right of the lowest row that neither a line nor a rule passes there; where all rows are passed, at its left.
  private func labelSteps(on canvas: inout Canvas, _ axis: Axis, _ grid: DotGrid) {
    let columns = DisplayWidth.of(stepTitle)
    guard columns > 0, columns <= canvas.width, canvas.height > 1 else { return }
    let ruled = Set(
      rules.compactMap { axis.fraction(of: $0.value) }
        .map { Axis.row(of: $0, rows: canvas.height, canvas.glyphs.marker) })
    let rows = (0..<canvas.height).reversed().filter { !ruled.contains($0) }
    for x in [canvas.width - columns, 0] {
      guard let y = rows.first(where: { grid.isEmpty(row: $0, columns: x..<x + columns) }) else { continue }
      canvas.text(stepTitle, x: x, y: y, style: .axis)
      return
    }
  }

  /// The newest steps; every list is counted from the same first step.
  private func cut(_ values: [Double]) -> [Double] {
    guard let lastSteps, lastSteps >= 0 else { return values }
    let longest = max(
      series.map(\.values.count).max() ?? 0, band?.lower.count ?? 0, band?.upper.count ?? 0)
    return Array(values.dropFirst(max(0, longest - lastSteps)))
  }

  private func drawRules(on canvas: inout Canvas, _ axis: Axis) {
    for rule in rules {
      guard let fraction = axis.fraction(of: rule.value), canvas.height > 0 else { continue }
      let y = Axis.row(of: fraction, rows: canvas.height, canvas.glyphs.marker)
      canvas.fill(Rect(y: y, width: canvas.width, height: 1), canvas.glyphs.rule, style: rule.style)
    }
  }

  /// Labels stand on their rule, at the right or else at the left, where no line passes through them.
  private func labelRules(on canvas: inout Canvas, _ axis: Axis, _ grid: DotGrid) {
    for rule in rules where !rule.label.isEmpty {
      guard let fraction = axis.fraction(of: rule.value), canvas.height > 0 else { continue }
      let y = Axis.row(of: fraction, rows: canvas.height, canvas.glyphs.marker)
      let columns = DisplayWidth.of(rule.label) + 2
      guard columns + 2 <= canvas.width else { continue }
      let places = [canvas.width - columns - 1, 1]
      if let x = places.first(where: { grid.isEmpty(row: y, columns: $0..<$0 + columns) }) {
        canvas.text(" \(rule.label) ", x: x, y: y, style: rule.style)
      }
    }
  }

  private func trace(_ line: LineSeries, _ place: StepPlace, _ grid: inout DotGrid) {
    var last: Point?
    for (step, value) in line.values.enumerated() {
      guard let point = place.dot(step, value) else {
        last = nil
        continue
      }
      grid.line(from: last ?? point, to: point, style: line.style)
      last = point
    }
  }

  private func shade(
    _ lower: [Double], _ upper: [Double], _ style: CellStyle, _ place: StepPlace, _ grid: inout DotGrid
  ) {
    let ends = zip(lower, upper).enumerated().map { step, pair in
      (low: place.dot(step, pair.0), high: place.dot(step, pair.1))
    }
    for step in ends.indices {
      guard let low = ends[step].low, let high = ends[step].high else { continue }
      guard step + 1 < ends.count, let nextLow = ends[step + 1].low, let nextHigh = ends[step + 1].high else {
        grid.shade(column: low.x, from: high.y, through: low.y, style: style)
        continue
      }
      for x in low.x...max(low.x, nextLow.x) {
        let part = nextLow.x == low.x ? 0 : Double(x - low.x) / Double(nextLow.x - low.x)
        let bottom = Double(low.y) + part * Double(nextLow.y - low.y)
        let top = Double(high.y) + part * Double(nextHigh.y - high.y)
        grid.shade(column: x, from: Int(top.rounded()), through: Int(bottom.rounded()), style: style)
      }
    }
  }
}

/// Where a value of a step lies among the dots.
private struct StepPlace {
  let axis: Axis
  let steps: Int
  let dots: Size

  func dot(_ step: Int, _ value: Double) -> Point? {
    guard let fraction = axis.fraction(of: value), !dots.isEmpty else { return nil }
    let across = steps > 1 ? Double(step) / Double(steps - 1) : 1
    return Point(
      x: Axis.dot(of: across, dots: dots.width),
      y: dots.height - 1 - Axis.dot(of: fraction, dots: dots.height))
  }
}

/// The labels and the line of a vertical axis at the left of a chart.
struct ValueAxisGutter {
  let axis: Axis
  let format: NumberFormat

  /// Draws along the upper `rows` of the canvas and returns what is left for the plot.
  func draw(on canvas: inout Canvas, rows: Int) -> Rect {
    let labels = format.labels(for: axis)
    let labelWidth = labels.map { DisplayWidth.of($0) }.max() ?? 0
    let width = labelWidth + 1
    guard rows > 1, canvas.width >= width + 6 else {
      return Rect(width: canvas.width, height: rows)
    }
    canvas.verticalLine(x: labelWidth, y: 0, length: rows, style: .grid)
    var lastRow = Int.max
    for (tick, label) in zip(axis.ticks, labels) {
      guard let fraction = axis.fraction(of: tick) else { continue }
      let y = Axis.row(of: fraction, rows: rows, canvas.glyphs.marker)
      // The top label is kept; one that would share a row is left out.
      guard lastRow - y >= 1 else { continue }
      canvas.text(label, x: 0, y: y, width: labelWidth, style: .axis, alignment: .trailing)
      canvas.put(canvas.glyphs.isUnicode ? "┤" : "+", x: labelWidth, y: y, style: .grid)
      lastRow = y
    }
    return Rect(x: width, width: canvas.width - width, height: rows)
  }
}
