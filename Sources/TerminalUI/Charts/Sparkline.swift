/// The newest values as one row of small bars; values that are not finite leave a blank.
package struct Sparkline: Drawable, Sendable {
  package var values: [Double]
  package var style: CellStyle
  /// The ends of the scale; nil: the least and the greatest value shown.
  package var range: ClosedRange<Double>?

  package init(_ values: [Double], style: CellStyle = .series(0), range: ClosedRange<Double>? = nil) {
    self.values = values
    self.style = style
    self.range = range
  }

  package func draw(on canvas: inout Canvas) {
    let shown = values.suffix(canvas.width)
    let finite = shown.filter(\.isFinite)
    guard let least = finite.min(), let greatest = finite.max() else { return }
    let lower = range?.lowerBound ?? least
    let span = (range?.upperBound ?? greatest) - lower
    let steps = canvas.glyphs.verticalSteps
    for (x, value) in shown.enumerated() where value.isFinite {
      let part = span > 0 && span.isFinite ? min(max((value - lower) / span, 0), 1) : 0.5
      canvas.put(steps[Int((part * Double(steps.count - 1)).rounded())], x: x, y: 0, style: style)
    }
  }
}
