import TerminalUI

/// The line, what the selected command does and takes, and the commands that fit with their keys.
struct PaletteView: Drawable {
  private let palette: PaletteOverlay
  private let state: WorkbenchState
  private let matches: [Command.Match]

  init(_ palette: PaletteOverlay, _ state: WorkbenchState) {
    self.palette = palette
    self.state = state
    matches = Command.matching(palette.line.text, state)
  }

  func draw(on canvas: inout Canvas) {
    box(in: canvas.size).draw(on: &canvas) { canvas in
      palette.line.draw(on: &canvas, prompt: ":")
      let about = about(width: canvas.width)
      for (y, line) in about.enumerated() { canvas.text(line, y: y + 1, style: .muted) }
      let top = about.count + 1
      if matches.isEmpty { canvas.text("no such command", y: top, style: .muted) }
      canvas.draw(
        SelectionList(items(width: canvas.width), selection: palette.selected),
        in: Rect(y: top, width: canvas.width, height: canvas.height - top))
    }
  }

  /// What the selected command does, and what follows its name.
  private func about(width: Int) -> [String] {
    guard matches.indices.contains(palette.selected) else { return [""] }
    let command = matches[palette.selected].command
    let text =
      command.argument.isEmpty
      ? command.description : "\(command.name) \(command.argument)\n\(command.description)"
    return WordWrap.lines(text, width: width - 1).map { " " + $0 }
  }

  /// One entry a command: its name, what it does as far as there is room, and its keys or why it cannot be done.
  func items(width: Int) -> [SelectionItem] {
    let names = min(matches.map { DisplayWidth.of($0.command.name) }.max() ?? 0, 20)
    return matches.map { match in
      let command = match.command
      let detail = command.refusal ?? command.keys
      let room = width - names - DisplayWidth.of(detail) - 6
      let description = room >= 10 ? "  " + command.description.fitted(to: room) : ""
      return SelectionItem(
        command.name.fitted(to: names) + description, detail: detail,
        isEnabled: command.refusal == nil && match.isByName)
    }
  }

  func listArea(in screen: Size) -> Rect {
    let inside = box(in: screen).interior(on: screen)
    let top = about(width: inside.width).count + 1
    return Rect(x: inside.x, y: inside.y + top, width: inside.width, height: max(0, inside.height - top))
  }

  /// High enough for the line, the longest account of a command and a few entries, so that it does not jump.
  private func box(in screen: Size) -> OverlayBox {
    let width = min(86, screen.width - 8)
    let about = about(width: width).count
    let height = min(screen.height - 4, max(about + 5, min(matches.count + about + 1, screen.height - 8)))
    return palette.box("command", Size(width: width, height: height), state)
  }
}
