import TerminalUI

/// The line, what the selected command takes, and the commands that fit with their keys.
struct PaletteView: Drawable {
  private let palette: PaletteOverlay
  private let state: WorkbenchState
  private let commands: [Command]

  init(_ palette: PaletteOverlay, _ state: WorkbenchState) {
    self.palette = palette
    self.state = state
    commands = Command.matching(palette.line.text, state)
  }

  /// Rows above the list: the line, and what the selected command takes.
  private static let above = 2

  func draw(on canvas: inout Canvas) {
    box(in: canvas.size).draw(on: &canvas) { canvas in
      palette.line.draw(on: &canvas, prompt: ":")
      let list = SelectionList(items(width: canvas.width), selection: palette.selected)
      if commands.indices.contains(palette.selected) {
        let command = commands[palette.selected]
        if !command.argument.isEmpty {
          canvas.text(" \(command.name) \(command.argument)", y: 1, width: canvas.width, style: .muted)
        }
      } else {
        canvas.text("no such command", y: PaletteView.above, style: .muted)
      }
      canvas.draw(
        list,
        in: Rect(y: PaletteView.above, width: canvas.width, height: canvas.height - PaletteView.above))
    }
  }

  /// One entry a command: its name, what it does as far as there is room, and its keys or why it cannot be done.
  func items(width: Int) -> [SelectionItem] {
    let names = min(commands.map { DisplayWidth.of($0.name) }.max() ?? 0, 20)
    return commands.map { command in
      let detail = command.refusal ?? command.keys
      let room = width - names - DisplayWidth.of(detail) - 6
      let description = room >= 10 ? "  " + command.description.fitted(to: room) : ""
      return SelectionItem(
        command.name.fitted(to: names) + description, detail: detail, isEnabled: command.refusal == nil)
    }
  }

  func listArea(in screen: Size) -> Rect {
    let inside = box(in: screen).interior(on: screen)
    return Rect(
      x: inside.x, y: inside.y + PaletteView.above, width: inside.width,
      height: inside.height - PaletteView.above)
  }

  private func box(in screen: Size) -> OverlayBox {
    let height = min(commands.count + PaletteView.above, max(6, screen.height - 8))
    return palette.box("command", Size(width: min(86, screen.width - 8), height: height), state)
  }
}
