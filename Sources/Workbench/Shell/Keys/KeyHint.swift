import TerminalUI

/// A word of a footer with the keys before it, such as "↑↓ scroll".
package struct KeyHint: Hashable, Sendable {
  package var keys: String
  package var word: String
  package var isEnabled: Bool

  var width: Int { DisplayWidth.of(keys) + 1 + DisplayWidth.of(word) }
}

extension KeySection {
  /// What its bindings put into a footer: of each the first key, those of the same word as one.
  func hints(_ state: WorkbenchState) -> [KeyHint] {
    var hints: [KeyHint] = []
    for row in rows {
      guard let word = row.binding.hint, let key = row.keys.first else { continue }
      let isEnabled = row.binding.refusal(state) == nil
      if let index = hints.firstIndex(where: { $0.word == word }) {
        hints[index].keys += key.name
        hints[index].isEnabled = hints[index].isEnabled || isEnabled
      } else {
        hints.append(KeyHint(keys: key.name, word: word, isEnabled: isEnabled))
      }
    }
    return hints
  }
}
