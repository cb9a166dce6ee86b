import TerminalUI

/// Model, parameters, size, data, CPU features and threads; what does not fit is left out from the right.
struct HeaderView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    canvas.fill(canvas.bounds, " ", style: .header)
    let subject = state.subject
    // Those of a timed run, as in the status line.
    let threads = subject.threads == 1 ? "1 thread" : "\(subject.threads) threads"
    let right = "\(subject.features), \(threads) "
    let isStoredFloat = subject.layers.allSatisfy { $0.storedBits == nil }
    let left = [
      " paretop" + screens, subject.title, "\(NumberFormat.count.text(subject.parameters)) params",
      "\(NumberFormat.bytes.text(subject.originalBytes))\(isStoredFloat ? " fp32" : "")",
      "eval: \(subject.data)",
    ]
    let room = canvas.width - DisplayWidth.of(right)
    var column = 0
    for (index, part) in left.enumerated() {
      let start = index == 0 ? 0 : column + 2
      let columns = DisplayWidth.of(part)
      guard index < 2 || start + columns < room else { break }
      // A long name leaves room for what stands at the right.
      let shown = index == 1 ? min(columns, max(12, room - start - 1)) : columns
      canvas.text(part, x: start, width: shown, style: index == 0 ? .header.bold : .header)
      column = start + shown
    }
    if column < room { canvas.text(right, x: room, style: .header) }
  }

  /// Where there are several screens, the name of the one in front.
  private var screens: String { state.screens.count > 1 ? ": \(state.screen.name)" : "" }
}
