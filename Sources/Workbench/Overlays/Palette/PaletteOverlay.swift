import Foundation
import TerminalUI

/// A line in which a command is typed, over those that fit what was typed so far.
struct PaletteOverlay: ListOverlay {
  var line = InputLine()
  var selected = 0

  let name = "command"
  var takesText: Bool { true }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "Type part of a command's name or description. What follows the name, such as 50 in \"prune 50\", stands under "
          + "the line; where a key does the same it stands at the right.", .overlay)
    ]
  }

  var bindings: [Binding] {
    [
      Self.key([.tab], "complete", "Write the selected command's name out", hint: "completes") {
        palette, state in
        if let command = palette.command(state) { palette.line = InputLine(command.name + " ") }
        palette.selected = 0
        return []
      },
      Self.key([.enter], "run", "Run the selected command", hint: "runs", closes: true) { $0.run(&$1) },
      Self.key([.escape], "close", "Close", hint: "closes", closes: true) { _, _ in [] },
    ] + Self.selecting(withLetters: false)
  }

  mutating func edit(_ event: KeyEvent, _ state: inout WorkbenchState) -> Bool {
    guard line.handle(event) else { return false }
    selected = 0
    return true
  }

  func items(_ state: WorkbenchState) -> [SelectionItem] {
    PaletteView(self, state).items(width: state.size.width)
  }

  func listArea(_ state: WorkbenchState, in screen: Size) -> Rect {
    PaletteView(self, state).listArea(in: screen)
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) { canvas.draw(PaletteView(self, state)) }

  private func command(_ state: WorkbenchState) -> Command? {
    let commands = Command.matching(line.text, state)
    return commands.indices.contains(selected) ? commands[selected] : nil
  }

  private func run(_ state: inout WorkbenchState) -> [Effect] {
    guard let command = command(state) else {
      return state.refuse("No command \"\(line.text)\"; : lists them all")
    }
    let argument = line.text.split(separator: " ", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
    return command.run(argument.trimmingCharacters(in: .whitespaces), &state)
  }
}
