import Compression
import TerminalUI

/// Help for where the user is: the selected knob, then the keys of the focused panel, then the rest.
struct HelpView: Drawable {
  private let state: WorkbenchState
  private let keymap: Keymap
  private let scroll: Int

  init(_ state: WorkbenchState, keymap: Keymap, scroll: Int) {
    self.state = state
    self.keymap = keymap
    self.scroll = scroll
  }

  func draw(on canvas: inout Canvas) {
    let overlay = Overlay(
      title: "help: \(state.panel.rawValue)",
      size: Size(width: min(78, canvas.width - 6), height: canvas.height - 4),
      footer: "↑↓ scroll  any other key closes")
    overlay.draw(on: &canvas) { canvas in
      let lines = lines(width: canvas.width)
      let first = min(scroll, max(0, lines.count - canvas.height))
      for (y, line) in lines.dropFirst(first).prefix(canvas.height).enumerated() { canvas.text(line, y: y) }
    }
  }

  private func lines(width: Int) -> [[Span]] {
    var lines: [[Span]] = []
    func paragraph(_ text: String, _ style: CellStyle = .overlay) {
      lines += WordWrap.lines(text, width: width).map { [Span($0, style)] }
      lines.append([])
    }
    paragraph(introduction)
    paragraph("\(state.knob.title): \(state.knob.explanation)", .accent)
    for binding in keymap.bindings(in: state.panel) {
      lines.append([
        Span(binding.label.fitted(to: 12), .key), Span(binding.description, .overlay),
      ])
    }
    lines.append([])
    paragraph(
      "Sizes are exact bytes of the packed weights. Latency is measured on this machine, interleaved with the "
        + "original; the p50 and p95 are of single runs. Accuracy comes with its 95 % interval, the difference is "
        + "paired on the same samples; (noise) means that the interval of the difference holds zero. Energy is "
        + "measured where the machine offers a meter, else estimated by the model named under the chart.",
      .muted)
    return lines
  }

  private var introduction: String {
    switch state.panel {
    case .knobs:
      "Turn a knob and watch: every step compresses the model anew and runs it. Knobs turn the whole model, or with w "
        + "(or Enter in the layers) the selected layer alone."
    case .layers:
      "One row per layer: bytes and time, each as percent of the original's, then its settings for pruning (P), bits "
        + "(B) and rank (R). hurt shows what a layer alone suffers from "
        + "the knob in hand, against the layer that suffers most. A ! says that something did not help; the reason stands below the table. Enter turns "
        + "the knobs for this layer only."
    case .pareto:
      "Every configuration tried. Walk the points with the arrows, Enter returns to one. The line joins those that "
        + "nothing beats: no other is both smaller (or faster) and more accurate."
    }
  }
}
