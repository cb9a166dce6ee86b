import TerminalUI

/// Keys, what they do and how that is said. Bindings are data, so that help, footers and the palette are made from them.
package struct Binding: Sendable {
  package let keys: [KeyEvent]
  /// How the palette calls it, such as "undo".
  package let name: String
  package let description: String
  /// A word for the footer; nil keeps it out of the footer. Bindings that share one stand there as one.
  package let hint: String?
  /// Why it cannot be done now; nil where it can.
  package let refusal: @Sendable (WorkbenchState) -> String?
  /// Must be asked for through `WorkbenchState.perform`, which refuses what cannot be done.
  let action: @Sendable (inout WorkbenchState) -> [Effect]

  package init(
    _ keys: [KeyEvent], _ name: String, _ description: String, hint: String? = nil,
    unless refusal: @escaping @Sendable (WorkbenchState) -> String? = { _ in nil },
    perform action: @escaping @Sendable (inout WorkbenchState) -> [Effect]
  ) {
    self.keys = keys
    self.name = name
    self.description = description
    self.hint = hint
    self.refusal = refusal
    self.action = action
  }

  /// One that asks nothing of the outside.
  package init(
    _ keys: [KeyEvent], _ name: String, _ description: String, hint: String? = nil,
    unless refusal: @escaping @Sendable (WorkbenchState) -> String? = { _ in nil },
    change: @escaping @Sendable (inout WorkbenchState) -> Void
  ) {
    self.init(keys, name, description, hint: hint, unless: refusal) { state -> [Effect] in
      change(&state)
      return []
    }
  }
}

extension Binding {
  /// The keys that walk a list; `move` is told by how many rows.
  static func moving(
    _ move: @escaping @Sendable (_ rows: Int, inout WorkbenchState) -> Void
  ) -> [Binding] {
    let farthest = Int(Int32.max)
    return [
      Binding([.up, "k"], "up", "Up") { move(-1, &$0) },
      Binding([.down, "j"], "down", "Down") { move(1, &$0) },
      Binding([.pageUp], "page-up", "Ten rows up") { move(-10, &$0) },
      Binding([.pageDown], "page-down", "Ten rows down") { move(10, &$0) },
      Binding([.home, "g"], "first", "To the first") { move(-farthest, &$0) },
      Binding([.end, "G"], "last", "To the last") { move(farthest, &$0) },
    ]
  }
}

extension WorkbenchState {
  /// Does what a binding says, or tells why it cannot be done.
  mutating func perform(_ binding: Binding) -> [Effect] {
    if let reason = binding.refusal(self) {
      notice = Notice(reason)
      return []
    }
    return binding.action(&self)
  }
}
