import Compression
import Recipes
import TerminalUI

/// What a knob can be set to, with what there is to know of the selected choice.
struct ChoicesView: Drawable {
  let knob: Setting
  let current: Int
  let selected: Int

  private static let noteHeight = 6

  func draw(on canvas: inout Canvas) {
    let options = knob.options ?? []
    let height = min(options.count + ChoicesView.noteHeight, canvas.height - 4)
    let overlay = Overlay(
      title: knob.title, size: Size(width: min(64, canvas.width - 6), height: height),
      footer: "Enter sets  Esc closes")
    overlay.draw(on: &canvas) { canvas in
      let items = options.enumerated().map { index, option in
        SelectionItem(
          option.label + (index == current ? " *" : ""), detail: option.note.isHeavy ? "takes seconds" : "")
      }
      let list = max(1, canvas.height - ChoicesView.noteHeight)
      canvas.draw(SelectionList(items, selection: selected), in: Rect(width: canvas.width, height: list))
      guard options.indices.contains(selected) else { return }
      canvas.horizontalLine(x: 0, y: list, length: canvas.width, style: .grid)
      let area = Rect(y: list + 1, width: canvas.width, height: canvas.height - list - 1)
      canvas.draw(TextBox(options[selected].note.text, style: .overlay), in: area)
    }
  }
}

extension MethodNote {
  /// Effect, needs and source, a line each.
  package var text: String {
    var lines = [effect]
    if let needsText { lines.append("Needs \(needsText).") }
    if let source { lines.append(source) }
    return lines.joined(separator: "\n")
  }
}
