import Compression
import Recipes
import TerminalUI

extension Binding {
  /// The keys that turn the knob in hand, but where the focus has another use for them.
  static let turning: [Binding] = [
    Binding([.left, "h", "-"], "turn-down", "Turn the knob down", hint: "turn") { $0.turn(.down) },
    Binding([.right, "l", "+", "="], "turn-up", "Turn the knob up", hint: "turn") { $0.turn(.up) },
    Binding([.shiftLeft, "H", "_"], "turn-far-down", "Turn down in coarse steps") { $0.turn(.coarseDown) },
    Binding([.shiftRight, "L", "*"], "turn-far-up", "Turn up in coarse steps") { $0.turn(.coarseUp) },
  ]
}

extension WorkbenchState {
  mutating func turn(_ turn: Turn) -> [Effect] {
    let turned = recipe.turning(knob, turn, in: scope)
    guard turned != recipe else {
      notice = Notice("Already at the end of this knob's range")
      return []
    }
    return visit(turned)
  }

  /// What help says of the knob in hand.
  var knobParagraph: Span { Span("\(knob.title): \(knob.explanation)", .accent) }
}
