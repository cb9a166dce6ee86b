import TerminalUI

/// The keys worth knowing where the user is, as many as fit; help and quit always.
struct FooterView: Drawable {
  private let hints: [KeyHint]
  private let always: [KeyHint]

  init(_ state: WorkbenchState) {
    // An overlay has its own keys in its border.
    let own = state.overlay == nil ? state.keySections.dropLast().flatMap { $0.hints(state) } : []
    hints = own
    always = state.keySections.last?.hints(state) ?? []
  }

  func draw(on canvas: inout Canvas) {
    var column = 1
    let reserved = always.reduce(0) { $0 + $1.width + 2 }
    for hint in hints {
      guard column + hint.width + reserved <= canvas.width else { break }
      column += draw(hint, on: &canvas, x: column) + 2
    }
    for hint in always { column += draw(hint, on: &canvas, x: column) + 2 }
  }

  /// What cannot be done now keeps its place, so that the others stay where they were.
  private func draw(_ hint: KeyHint, on canvas: inout Canvas, x: Int) -> Int {
    let style: CellStyle = hint.isEnabled ? .keyHint : .muted
    return canvas.text([Span(hint.keys, hint.isEnabled ? .key : .muted), Span(" \(hint.word)", style)], x: x)
  }
}
