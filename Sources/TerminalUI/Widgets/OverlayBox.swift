/// A bordered box over the middle of the screen: a dialogue, help, a palette.
package struct OverlayBox: Sendable {
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

  /// Where its interior stands on a screen.
  package func interior(on screen: Size) -> Rect {
    frame(in: Rect(width: screen.width, height: screen.height)).inset(horizontal: 2, vertical: 1)
  }

  /// Clears the box, draws its border, and lets the body draw the interior: on the overlay's ground.
  package func draw(on canvas: inout Canvas, _ body: (inout Canvas) -> Void) {
    canvas.draw(in: frame(in: canvas.bounds)) { canvas in
      canvas.surface = .overlay
      canvas.clear(style: .overlay)
      canvas.box(canvas.bounds, title: title, style: .overlayBorder, titleStyle: .title)
      let columns = DisplayWidth.of(footer)
      if columns > 0, columns + 4 <= canvas.width, canvas.height > 1 {
        canvas.text(" \(footer) ", x: canvas.width - columns - 4, y: canvas.height - 1, style: .muted)
      }
      canvas.draw(in: canvas.bounds.inset(horizontal: 2, vertical: 1), body)
    }
  }
}
