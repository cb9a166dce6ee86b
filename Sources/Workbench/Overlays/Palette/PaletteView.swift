import TerminalUI

/// Commands that fit what was typed, the selected one with what it takes.
struct PaletteView: Drawable {
  let line: InputLine
  let selected: Int

  func draw(on canvas: inout Canvas) {
    let commands = PaletteCommand.matching(line.text)
    let items = commands.map { SelectionItem("\($0.name) \($0.argument)", detail: $0.description) }
    let height = min(items.count + 2, max(6, canvas.height - 8))
    let overlay = Overlay(
      title: "command", size: Size(width: min(86, canvas.width - 8), height: height),
      footer: "Tab completes  Enter runs  Esc closes")
    overlay.draw(on: &canvas) { canvas in
      line.draw(on: &canvas, prompt: ":")
      canvas.draw(
        SelectionList(items, selection: selected),
        in: Rect(y: 2, width: canvas.width, height: canvas.height - 2))
      if items.isEmpty { canvas.text("no such command", y: 2, style: .muted) }
    }
  }
}
