/// A bordered box over the middle of the screen: a dialogue, help, a palette.
package struct Overlay: Sendable {
  package var title: String
  /// The interior's size; the box is cut to the screen.
  package var size: Size
  /// Stands in the lower border: usually the keys that close it.
  package var footer: String

  package init(title: String, size: Size, footer: String = "") {
    self.title = title
    self.size = size
    self.footer = footer
  }

  /// Where the whole box stands in a region.
  package func frame(in bounds: Rect) -> Rect {
    bounds.centered(Size(width: size.width + 4, height: size.height + 2))
  }

  /// Clears the box, draws its border, and lets the body draw the interior.
  package func draw(on canvas: inout Canvas, _ body: (inout Canvas) -> Void) {
    let frame = frame(in: canvas.bounds)
    canvas.fill(frame, " ", style: .overlay)
    canvas.box(frame, title: title, style: .overlayBorder, titleStyle: .overlay.bold)
    let columns = DisplayWidth.of(footer)
    if columns > 0, columns + 4 <= frame.width, frame.height > 1 {
      canvas.text(
        " \(footer) ", x: frame.maxX - columns - 4, y: frame.maxY - 1, style: .overlay)
    }
    canvas.draw(in: frame.inset(horizontal: 2, vertical: 1), body)
  }
}
