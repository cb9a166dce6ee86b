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
        "Type part of a command's name, or some of its letters; what follows the name, such as 50 in \"prune 50\", "
          + "stands under the line. Enter runs the selected command; where one takes an argument it is asked for, and a "
          + "second Enter does what its key does. Commands that only speak of what was typed stand last: Enter writes "
          + "their names out.", .overlay)
    ]
  }

  var bindings: [Binding] {
    [
      Self.key([.tab], "complete", "Write the selected command's name out", hint: "completes") {
        palette, state in
        if let match = palette.match(state) { palette.complete(match.command) }
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

  private func match(_ state: WorkbenchState) -> Command.Match? {
    let found = Command.matching(line.text, state)
    return found.indices.contains(selected) ? found[selected] : nil
  }

  private mutating func complete(_ command: Command) {
    line = InputLine(command.name + " ")
    selected = 0
  }

  private mutating func run(_ state: inout WorkbenchState) -> [Effect] {
    guard let match = match(state) else {
      return state.refuse("No command \"\(line.text)\"; : lists them all")
    }
    let parts = line.text.split(separator: " ", maxSplits: 1)
    let argument = parts.dropFirst().first.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
    let isAsked = line.text == match.command.name + " "
    let asks = !match.command.argument.isEmpty && argument.isEmpty && !isAsked
    guard match.isByName, !asks else {
      complete(match.command)
      state.open(self)
      return []
    }
    return match.command.run(argument, &state)
  }
}
