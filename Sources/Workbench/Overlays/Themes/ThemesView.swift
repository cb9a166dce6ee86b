import TerminalUI

struct ThemesView: Drawable {
  let names: [String]
  let selected: Int

  func draw(on canvas: inout Canvas) {
    let overlay = Overlay(
      title: "theme", size: Size(width: 34, height: min(names.count, canvas.height - 4)),
      footer: "Enter keeps")
    overlay.draw(on: &canvas) { $0.draw(SelectionList(names.map { SelectionItem($0) }, selection: selected)) }
  }
}
