import Recipes
import TerminalUI

/// The choices over the note of the selected one.
struct ChoicesView: Drawable {
  let knob: Setting
  let current: Int
  let selected: Int

  func size(in screen: Size) -> Size {
    let width = min(64, screen.width - 6)
    return Size(
      width: width, height: min((knob.options ?? []).count + noteHeight(width: width), screen.height - 4))
  }

  /// Rows of the list in a box whose interior is so large.
  func listHeight(in size: Size) -> Int { max(1, size.height - noteHeight(width: size.width)) }

  /// A line and the longest note, so that the list does not jump.
  private func noteHeight(width: Int) -> Int {
    1 + ((knob.options ?? []).map { WordWrap.lines($0.note.text, width: width).count }.max() ?? 0)
  }

  var items: [SelectionItem] {
    (knob.options ?? []).enumerated().map { index, option in
      SelectionItem(
        option.label + (index == current ? " *" : ""), detail: option.note.isHeavy ? "takes seconds" : "")
    }
  }

  func draw(on canvas: inout Canvas) {
    let list = listHeight(in: canvas.size)
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
