import TerminalUI

/// Lines of an overlay, put together from headings, paragraphs and labelled entries; all are wrapped, none is cut.
struct TextLines {
  let width: Int
  private(set) var lines: [[Span]] = []

  init(width: Int) { self.width = max(1, width) }

  mutating func blank() { if lines.last?.isEmpty == false { lines.append([]) } }

  mutating func heading(_ text: String) {
    blank()
    wrap(text, .title)
  }

  mutating func paragraph(_ text: String, _ style: CellStyle = .overlay) {
    blank()
    wrap(text, style)
  }

  /// A label with what there is to say of it beside, in columns of their own.
  /// - Parameter columns: of the label; a longer one has lines to itself.
  mutating func entry(
    _ label: Span, _ text: String, columns: Int, style: CellStyle = .overlay
  ) {
    let indent = min(columns, width / 2)
    let rest = WordWrap.lines(text, width: width - indent)
    if DisplayWidth.of(label.text) >= indent {
      wrap(label.text, label.style)
      lines += rest.map { [Span(String(repeating: " ", count: indent)), Span($0, style)] }
    } else {
      lines += rest.enumerated().map { place, line in
        [Span((place == 0 ? label.text : "").fitted(to: indent), label.style), Span(line, style)]
      }
    }
  }

  private mutating func wrap(_ text: String, _ style: CellStyle) {
    lines += WordWrap.lines(text, width: width).map { [Span($0, style)] }
  }
}
