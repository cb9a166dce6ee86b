/// One line of text that is being typed.
package struct InputLine: Hashable, Sendable {
  package private(set) var text: String
  /// Characters before the cursor.
  package private(set) var cursor: Int

  package init(_ text: String = "") {
    self.text = text
    cursor = text.count
  }

  package var isEmpty: Bool { text.isEmpty }

  /// Edits by a key and returns whether it was one for editing.
  ///
  /// Characters, arrows, Home, End, Backspace, Delete; Ctrl-A, E, B, F, D, H, U, K and W as in a shell.
  package mutating func handle(_ key: KeyEvent) -> Bool {
    switch key {
    case .character(let character): insert(character)
    case .left, .control("b"): cursor = max(0, cursor - 1)
    case .right, .control("f"): cursor = min(text.count, cursor + 1)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = text.count
    case .backspace, .control("h"): remove(cursor - 1..<cursor)
    case .delete, .control("d"): remove(cursor..<cursor + 1)
    case .control("u"): remove(0..<cursor)
    case .control("k"): remove(cursor..<text.count)
    case .control("w"): remove(wordStart..<cursor)
    default: return false
    }
    return true
  }

  /// Draws the prompt and the text, scrolled so that the cursor is seen.
  package func draw(on canvas: inout Canvas, prompt: String = "", isFocused: Bool = true) {
    canvas.fill(Rect(width: canvas.width, height: 1), " ", style: .input)
    let start = canvas.text(prompt, style: .key)
    canvas.draw(in: Rect(x: start, width: canvas.width - start, height: 1)) { canvas in
      let before = DisplayWidth.of(String(text.prefix(cursor)))
      let offset = max(0, before - canvas.width + 1)
      canvas.text(text, x: -offset, style: .input)
      guard isFocused else { return }
      let under = cursor < text.count ? text[text.index(text.startIndex, offsetBy: cursor)] : " "
      canvas.put(under, x: before - offset, y: 0, style: .cursor)
    }
  }

  private var wordStart: Int {
    var characters = Array(text.prefix(cursor))
    while characters.last?.isWhitespace == true { characters.removeLast() }
    while let last = characters.last, !last.isWhitespace { characters.removeLast() }
    return characters.count
  }

  private mutating func insert(_ character: Character) {
    let before = text.prefix(cursor)
    let joined = before + String(character)
    text = String(joined) + text.dropFirst(cursor)
    // A combining mark joins what stands before it.
    cursor = joined.count
  }

  private mutating func remove(_ range: Range<Int>) {
    let lower = max(0, range.lowerBound)
    let upper = min(text.count, range.upperBound)
    guard lower < upper else { return }
    text = String(text.prefix(lower)) + text.dropFirst(upper)
    cursor = min(lower, text.count)
  }
}
