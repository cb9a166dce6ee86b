/// Lines of a text that fit a width, broken between words.
package enum WordWrap {
  /// Line breaks of the text are kept, words longer than a line are cut, and blanks at a break are dropped.
  /// The blanks that begin a line of the text indent all lines it is broken into.
  package static func lines(_ text: String, width: Int) -> [String] {
    guard width > 0 else { return [] }
    return text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { wrap($0, width) }
  }

  private static func wrap(_ line: Substring, _ width: Int) -> [String] {
    let indent = String(line.prefix { $0 == " " }.prefix(width / 2))
    var lines: [String] = []
    var current = indent
    var columns = indent.count
    var isEmpty = true
    for word in line.split(separator: " ") {
      var rest = String(word)
      let wordColumns = DisplayWidth.of(rest)
      if !isEmpty, columns + 1 + wordColumns > width {
        lines.append(current)
        (current, columns, isEmpty) = (indent, indent.count, true)
      }
      if !isEmpty {
        current += " "
        columns += 1
      }
      while columns + DisplayWidth.of(rest) > width {
        let piece = DisplayWidth.prefix(rest, columns: width - columns)
        if piece.isEmpty {
          // A wide character may need the indent's room; where it has none at all, it is left to be cut.
          guard columns > 0 else { break }
          (current, columns) = ("", 0)
          continue
        }
        lines.append(current + piece)
        rest.removeFirst(piece.count)
        (current, columns) = (indent, indent.count)
      }
      current += rest
      columns += DisplayWidth.of(rest)
      isEmpty = false
    }
    if !isEmpty || lines.isEmpty { lines.append(isEmpty ? "" : current) }
    return lines
  }
}

/// A text wrapped by words, from a line on: for help, lessons and messages.
package struct TextBox: Drawable, Sendable {
  package var text: String
  package var style: CellStyle
  /// First line shown.
  package var scroll: Int

  package init(_ text: String, style: CellStyle = .text, scroll: Int = 0) {
    self.text = text
    self.style = style
    self.scroll = scroll
  }

  package func draw(on canvas: inout Canvas) {
    let lines = WordWrap.lines(text, width: canvas.width)
    for (y, line) in lines.dropFirst(max(0, scroll)).prefix(canvas.height).enumerated() {
      canvas.text(line, y: y, style: style)
    }
  }
}
