/// A part of a whole as a bar in one row: `[#####.....] 50 %`, in eighths of a cell with Unicode.
package struct Gauge: Drawable, Sendable {
  /// 0 to 1; clamped, and 0 if not a number.
  package var fraction: Double
  /// Stands after the bar.
  package var label: String
  package var style: CellStyle
  package var labelStyle: CellStyle

  package init(
    _ fraction: Double, label: String = "", style: CellStyle = .gaugeFull, labelStyle: CellStyle = .text
  ) {
    self.fraction = fraction
    self.label = label
    self.style = style
    self.labelStyle = labelStyle
  }

  package func draw(on canvas: inout Canvas) {
    let labelColumns = label.isEmpty ? 0 : DisplayWidth.of(label) + 1
    let bar = canvas.width - labelColumns - 2
    guard bar >= 3 else {
      canvas.text(label, width: canvas.width, style: labelStyle)
      return
    }
    let part = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
    let steps = canvas.glyphs.horizontalEighths
    let perCell = steps.count + 1
    var filled = Int((part * Double(bar * perCell)).rounded())
    // Only none is empty and only all is full.
    if part > 0 { filled = max(1, filled) }
    if part < 1 { filled = min(bar * perCell - 1, filled) }
    canvas.put("[", x: 0, y: 0, style: .border)
    for column in 0..<bar {
      let eighths = filled - column * perCell
      if eighths >= perCell {
        canvas.put(canvas.glyphs.full, x: 1 + column, y: 0, style: style)
      } else if eighths > 0 {
        canvas.put(steps[eighths - 1], x: 1 + column, y: 0, style: style)
      } else {
        canvas.put(canvas.glyphs.empty, x: 1 + column, y: 0, style: .gaugeEmpty)
      }
    }
    canvas.put("]", x: bar + 1, y: 0, style: .border)
    if labelColumns > 0 { canvas.text(label, x: bar + 3, style: labelStyle) }
  }
}
