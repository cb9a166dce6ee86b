/// A piece of text in one style; several make a line.
package struct Span: Hashable, Sendable {
  package var text: String
  package var style: CellStyle

  package init(_ text: String, _ style: CellStyle = .text) {
    self.text = text
    self.style = style
  }
}

extension Canvas {
  /// Writes one line of text and returns the columns it took.
  ///
  /// With a `width` the text is aligned in so many columns and cut with an ellipsis; without, it runs to the
  /// edge of the region. Line breaks and other control characters are shown as blanks.
  @discardableResult
  package mutating func text(
    _ text: String, x: Int = 0, y: Int = 0, width: Int? = nil, style: CellStyle = .text,
    alignment: Alignment = .leading
  ) -> Int {
    guard y >= 0, y < height, x < self.width else { return 0 }
    let shown = width.map { text.fitted(to: $0, alignment: alignment, ellipsis: glyphs.ellipsis) } ?? text
    var column = max(x, -(1 << 20))
    for character in shown where column < self.width {
      let columns = put(character, x: column, y: y, style: style)
      column += columns
      if columns == 0, character.isNewline || character == "\t" {
        column += put(" ", x: column, y: y, style: style)
      }
    }
    return column - x
  }

  /// Writes spans one after the other and returns the columns they took.
  @discardableResult
  package mutating func text(_ spans: [Span], x: Int = 0, y: Int = 0) -> Int {
    var column = x
    for span in spans { column += text(span.text, x: column, y: y, style: span.style) }
    return column - x
  }
}
