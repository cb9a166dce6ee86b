import Foundation
import TerminalUI

/// Something the palette runs by its name.
package struct Command: Sendable {
  package let name: String
  /// Names by which it is found too, since it had them once.
  let formerNames: [String]
  /// What follows the name, such as "0-99"; empty where nothing does.
  package let argument: String
  package let description: String
  /// The keys that do the same, or what the command does where no argument follows; empty for none.
  package private(set) var keys = ""
  /// Why it cannot be done now.
  package private(set) var refusal: String?
  private let action: @Sendable (String, inout WorkbenchState) -> [Effect]
  private var binding: Binding?

  /// One that takes an argument.
  package init(
    _ name: String, formerNames: [String] = [], argument: String, _ description: String,
    run action: @escaping @Sendable (String, inout WorkbenchState) -> [Effect]
  ) {
    self.name = name
    self.formerNames = formerNames
    self.argument = argument
    self.description = description
    self.action = action
  }

  /// What a key does.
  private init(_ row: KeySection.Row, _ state: WorkbenchState) {
    self.init(row.binding.name, argument: "", row.binding.description) { _, _ in [] }
    refusal = row.binding.refusal(state)
    add(row)
  }

  private mutating func add(_ row: KeySection.Row) {
    binding = binding ?? row.binding
    keys += (keys.isEmpty ? "" : " ") + row.label
  }

  /// Does it; without an argument what its key does, where it has one.
  func run(_ argument: String, _ state: inout WorkbenchState) -> [Effect] {
    if argument.isEmpty || self.argument.isEmpty, let binding { return state.perform(binding) }
    return action(argument, &state)
  }
}

extension Command {
  /// Everything that can be done on the screen in front: what takes an argument, then what else the keys do.
  package static func all(_ state: WorkbenchState) -> [Command] {
    var commands = state.screen.commands(state) + ShellKeys.commands(state)
    for row in state.keySections(under: nil).flatMap(\.rows) {
      if let index = commands.firstIndex(where: { $0.name == row.binding.name }) {
        commands[index].add(row)
      } else {
        commands.append(Command(row, state))
      }
    }
    return commands
  }

  /// Those whose name or description contains what was typed: first the one of that name, then those that begin with it.
  package static func matching(_ text: String, _ state: WorkbenchState) -> [Command] {
    let all = all(state)
    let word = text.split(separator: " ").first.map(String.init) ?? ""
    guard !word.isEmpty else { return all }
    func rank(_ command: Command) -> Int? {
      if command.name == word || command.formerNames.contains(word) { return 0 }
      if command.name.hasPrefix(word) { return 1 }
      let isFound =
        command.name.localizedCaseInsensitiveContains(word)
        || command.description.localizedCaseInsensitiveContains(word)
      return isFound ? 2 : nil
    }
    let ranked = all.map { (command: $0, rank: rank($0)) }
    return (0...2).flatMap { rank in ranked.filter { $0.rank == rank }.map(\.command) }
  }
}

extension WorkbenchState {
  /// Says why something asked for cannot be done.
  mutating func refuse(_ reason: String) -> [Effect] {
    notice = Notice(reason, .problem)
    return []
  }
}
