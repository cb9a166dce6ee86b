/// What stands at a point of a scatter chart. Later kinds are drawn over earlier ones.
package enum ScatterGlyph: Hashable, Sendable {
  case dot
  /// The original.
  case ring
  /// A mark's letter.
  case letter(Character)
  /// The current configuration.
  case diamond

  fileprivate var order: Int {
    switch self {
    case .dot: 0
    case .ring: 1
    case .letter: 2
    case .diamond: 3
    }
  }
}

package struct ScatterPoint: Sendable {
  package var x: Double
  package var y: Double
  package var glyph: ScatterGlyph
  package var style: CellStyle
  /// Where y may yet come to lie, for a point that is not known well: it is drawn hollow, on a line as long.
  package var spread: ClosedRange<Double>?

  /// Without a style the glyph's own role is taken.
  package init(
    x: Double, y: Double, glyph: ScatterGlyph = .dot, style: CellStyle? = nil,
    spread: ClosedRange<Double>? = nil
  ) {
    self.x = x
    self.y = y
    self.glyph = glyph
    self.spread = spread
    self.style =
      style
      ?? {
        switch glyph {
        case .dot: .series(0)
        case .ring: .original
        case .letter: .mark
        case .diamond: .current
        }
      }()
  }
}

/// A title, a scale and a unit for one side of a scatter chart.
package struct AxisLabel: Sendable {
  package var title: String
  package var scale: Axis.Scale
  package var format: NumberFormat
  /// What the quantity can be; the axis goes no further unless a value does.
  package var limits: ClosedRange<Double>

  package init(
    _ title: String = "", scale: Axis.Scale = .linear, format: NumberFormat = .plain,
    limits: ClosedRange<Double> = -Double.infinity...Double.infinity
  ) {
    self.title = title
    self.scale = scale
    self.format = format
    self.limits = limits
  }
}

/// Points by two values, and a staircase through some of them: a trade-off and its front.
///
/// Points without a place (not finite, not positive on a logarithmic axis) are skipped. Small regions lose the
/// labels first; a single cell still shows a point.
package struct ScatterChart: Drawable, Sendable {
  package var points: [ScatterPoint]
  package var xAxis: AxisLabel
  package var yAxis: AxisLabel
  /// Indices of the points that the staircase joins, in any order.
  package var front: [Int]
  /// A point drawn reversed, such as the one under the cursor.
  package var highlighted: Int?
  /// Values of y that the axis holds whether or not a point reaches them, so that small changes do not move its scale.
  package var covers: [Double]

  package init(
    points: [ScatterPoint], xAxis: AxisLabel = AxisLabel(), yAxis: AxisLabel = AxisLabel(),
    front: [Int] = [], highlighted: Int? = nil, covers: [Double] = []
  ) {
    self.points = points
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.front = front
    self.highlighted = highlighted
    self.covers = covers
  }

  package func draw(on canvas: inout Canvas) {
    guard !canvas.size.isEmpty else { return }
    let layout = layout(in: canvas.size, marker: canvas.glyphs.marker)
    if layout.hasAxes {
      _ = ValueAxisGutter(axis: layout.y, format: yAxis.format).draw(on: &canvas, rows: layout.plot.height)
      drawXAxis(on: &canvas, layout)
    }
    canvas.draw(in: layout.plot) { canvas in
      if layout.hasAxes, !yAxis.title.isEmpty { canvas.text(yAxis.title, x: 1, style: .muted) }
      drawFront(on: &canvas, layout)
      drawSpreads(on: &canvas, layout)
      for index in points.indices.sorted(by: { (points[$0].glyph.order, $0) < (points[$1].glyph.order, $1) })
      {
        drawPoint(index, on: &canvas, layout)
      }
      if let highlighted, points.indices.contains(highlighted) { drawPoint(highlighted, on: &canvas, layout) }
    }
  }

  /// Where everything stands in a region of this size; `draw` uses the same, so that the mouse finds it.
  package func layout(in size: Size, marker: PlotMarker = .braille) -> ScatterLayout {
    ScatterLayout(chart: self, size: size, marker: marker)
  }

  private func drawPoint(_ index: Int, on canvas: inout Canvas, _ layout: ScatterLayout) {
    guard let cell = layout.cell(of: index) else { return }
    let point = points[index]
    let isHollow = point.spread != nil
    let glyph: Character =
      switch point.glyph {
      case .dot: isHollow ? canvas.glyphs.hollowBullet : canvas.glyphs.bullet
      case .ring: canvas.glyphs.ring
      // A letter has no inside.
      case .letter(let letter): isHollow ? Character(letter.lowercased()) : letter
      case .diamond: isHollow ? canvas.glyphs.hollowDiamond : canvas.glyphs.diamond
      }
    canvas.put(
      glyph, x: cell.x - layout.plot.x, y: cell.y - layout.plot.y,
      style: index == highlighted ? point.style.reversed : point.style)
  }

  private func drawSpreads(on canvas: inout Canvas, _ layout: ScatterLayout) {
    var grid = DotGrid(size: canvas.size, marker: layout.marker)
    for point in points {
      guard let spread = point.spread, let low = layout.dot(x: point.x, y: spread.lowerBound),
        let high = layout.dot(x: point.x, y: spread.upperBound)
      else { continue }
      grid.line(from: low, to: high, style: point.style)
    }
    grid.draw(on: &canvas)
  }

  private func drawFront(on canvas: inout Canvas, _ layout: ScatterLayout) {
    var grid = DotGrid(size: canvas.size, marker: layout.marker)
    let steps = front.filter { points.indices.contains($0) }.compactMap { layout.dot(of: $0) }
      .sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    for (from, to) in zip(steps, steps.dropFirst()) {
      let corner = Point(x: to.x, y: from.y)
      grid.line(from: from, to: corner, style: .front)
      grid.line(from: corner, to: to, style: .front)
    }
    grid.draw(on: &canvas)
  }

  private func drawXAxis(on canvas: inout Canvas, _ layout: ScatterLayout) {
    let y = layout.plot.maxY
    let line = Rect(x: layout.plot.x, y: y, width: layout.plot.width, height: 1)
    canvas.fill(line, canvas.glyphs.horizontal, style: .grid)
    canvas.put(canvas.glyphs.line([.up, .right]), x: layout.plot.x - 1, y: y, style: .grid)
    // The title first: labels keep clear of it, the last one excepted.
    let titleColumns = DisplayWidth.of(xAxis.title)
    var free = 0
    let labels = xAxis.format.labels(for: layout.x)
    for (tick, label) in zip(layout.x.ticks, labels) {
      guard let fraction = layout.x.fraction(of: tick) else { continue }
      let column = layout.plot.x + Axis.column(of: fraction, columns: layout.plot.width, layout.marker)
      let columns = DisplayWidth.of(label)
      let start = min(max(0, column - columns / 2), canvas.width - columns)
      guard start >= free else { continue }
      canvas.put(canvas.glyphs.isUnicode ? "┬" : "+", x: column, y: y, style: .grid)
      canvas.text(label, x: start, y: y + 1, style: .axis)
      free = start + columns + 1
    }
    if titleColumns > 0, titleColumns + 4 <= layout.plot.width {
      canvas.text(" \(xAxis.title) ", x: canvas.width - titleColumns - 3, y: y, style: .muted)
    }
  }
}
