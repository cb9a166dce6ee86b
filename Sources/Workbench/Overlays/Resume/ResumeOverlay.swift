import Session
import TerminalUI

/// The last session of this model, offered when it is opened again.
struct ResumeOverlay: Overlay {
  let saved: History
  /// How long ago it was last used, such as "2 hours ago".
  let age: String
  /// What is to be known before it is taken up.
  let remark: String?

  let name = "welcome back"

  func introduction(_ state: WorkbenchState) -> [Span] {
    [Span("Configurations, their figures and marks of the last time can be taken up again.", .overlay)]
  }

  var bindings: [Binding] {
    [
      Self.key([.enter, "y"], "resume", "Take the session up again", hint: "resume", closes: true) {
        offer, state in
        state.history = offer.saved
        return [.takeUpSession] + state.measureIfNeeded()
      },
      Self.key(
        [.escape, "n"], "new", "Start afresh; the earlier session stays in the store", hint: "new",
        closes: true
      ) { _, _ in [] },
    ]
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) {
    let marks = saved.marked.count == 1 ? "1 mark" : "\(saved.marked.count) marks"
    let text =
      "An earlier session of this model is here: \(saved.variants.count) configurations, \(marks), last used \(age).\n\n"
      + (remark.map { $0 + "\n\n" } ?? "")
      + "Enter takes it up again. Esc starts afresh; the earlier one stays in the store."
    box(name, Size(width: 52, height: remark == nil ? 6 : 10), state).draw(on: &canvas) {
      $0.draw(TextBox(text, style: .overlay))
    }
  }
}
