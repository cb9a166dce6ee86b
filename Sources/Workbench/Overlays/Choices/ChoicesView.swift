import Recipes
import TerminalUI

/// The choices over the note of the selected one.
struct ChoicesView: Drawable {
  let knob: Setting
  let current: Int
  let selected: Int

  private static let noteHeight = 6

  func size(in screen: Size) -> Size {
    Size(
      width: min(64, screen.width - 6),
      height: min((knob.options ?? []).count + ChoicesView.noteHeight, screen.height - 4))
  }

  /// Rows of the list in a box whose interior is so high.
  static func listHeight(in height: Int) -> Int { max(1, height - noteHeight) }

  var items: [SelectionItem] {
    (knob.options ?? []).enumerated().map { index, option in
      SelectionItem(
        option.label + (index == current ? " *" : ""), detail: option.note.isHeavy ? "takes seconds" : "")
    }
  }

  func draw(on canvas: inout Canvas) {
    let list = ChoicesView.listHeight(in: canvas.height)
    canvas.draw(SelectionList(items, selection: selected), in: Rect(width: canvas.width, height: list))
    guard let options = knob.options, options.indices.contains(selected) else { return }
    canvas.horizontalLine(x: 0, y: list, length: canvas.width, style: .grid)
    let area = Rect(y: list + 1, width: canvas.width, height: canvas.height - list - 1)
    canvas.draw(TextBox(options[selected].note.text, style: .overlay), in: area)
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
