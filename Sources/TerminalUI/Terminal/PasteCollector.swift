/// Makes one event of what a terminal sends between the brackets of a paste, so that no pasted character is a key.
package struct PasteCollector: Sendable {
  /// What has come of a paste under way; nil outside one.
  private var pasted: String?

  /// More would hardly be meant for one line of text; the rest of such a paste is dropped.
  private static let longest = 100_000

  package init() {}

  /// What is to be answered: an event outside a paste, or a paste that has come to its end. Escape and Ctrl-C, which
  /// terminals leave out of pasted text, end one whose closing bracket was lost.
  package mutating func take(_ event: KeyEvent) -> KeyEvent? {
    switch (event, pasted) {
    case (.pasteBracket(opens: true), _): pasted = pasted ?? ""
    case (.pasteBracket(opens: false), nil): break
    case (_, nil), (.resize, _), (.hangup, _), (.terminate, _): return event
    case (.pasteBracket(opens: false), let text?), (.escape, let text?), (.control("c"), let text?):
      pasted = nil
      return .paste(text)
    case (.character(let character), _): append(character)
    case (.enter, _): append("\n")
    case (.tab, _): append("\t")
    default: break
    }
    return nil
  }

  private mutating func append(_ character: Character) {
    if let pasted, pasted.utf8.count < Self.longest { self.pasted?.append(character) }
  }
}
