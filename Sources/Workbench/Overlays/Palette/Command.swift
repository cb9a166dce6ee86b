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

  /// What a key of a place does that has not the focus: it gets it first.
  init(_ binding: Binding, focus: @escaping @Sendable (inout WorkbenchState) -> Void, _ state: WorkbenchState)
  {
    self.init(binding.name, argument: "", binding.description) { _, state in
      focus(&state)
      return state.perform(binding)
    }
    refusal = binding.refusal(state)
  }

  /// Does it; without an argument what its key does, where it has one. What takes no argument refuses one.
  func run(_ text: String, _ state: inout WorkbenchState) -> [Effect] {
    guard !argument.isEmpty || text.isEmpty else {
      return state.refuse("\(name) takes nothing after its name, found \"\(text)\"")
    }
    if text.isEmpty, let binding { return state.perform(binding) }
    return action(text, &state)
  }
}

extension Command {
  /// Everything that can be done on the screen in front: what takes an argument, what the keys do where the focus is, then
  /// what else they do elsewhere on the screen.
  package static func all(_ state: WorkbenchState) -> [Command] {
    var commands = state.screen.commands(state) + ShellKeys.commands(state)
    for row in state.keySections(under: nil).flatMap(\.rows) {
      if let index = commands.firstIndex(where: { $0.name == row.binding.name }) {
        commands[index].add(row)
      } else {
        commands.append(Command(row, state))
      }
    }
    for part in state.screen.parts {
      for binding in part.place.bindings where !commands.contains(where: { $0.name == binding.name }) {
        commands.append(Command(binding, focus: part.focus, state))
      }
    }
    return commands
  }

  /// A command that was found, and whether by its name: only such a one is run.
  package struct Match: Sendable {
    package let command: Command
    package let isByName: Bool
  }

  /// Those whose name fits the first word typed: the one of that name, those that begin with it, that contain it, that have
  /// its letters in their order; then those that speak of it.
  package static func matching(_ text: String, _ state: WorkbenchState) -> [Match] {
    let all = all(state)
    let word = text.split(separator: " ").first.map { $0.lowercased() } ?? ""
    guard !word.isEmpty else { return all.map { Match(command: $0, isByName: true) } }
    let ranked = all.compactMap { command in command.rank(word).map { (rank: $0, command: command) } }
    // Sorting is not stable: ranks are gone through one by one.
    return Rank.allCases.flatMap { rank in
      ranked.filter { $0.rank == rank }.map { Match(command: $0.command, isByName: rank != .description) }
    }
  }

  /// How well a word fits, the best first.
  private enum Rank: CaseIterable { case name, beginning, part, letters, description }

  private func rank(_ word: String) -> Rank? {
    if name == word || formerNames.contains(word) { return .name }
    if name.hasPrefix(word) { return .beginning }
    if name.contains(word) { return .part }
    if name.hasLetters(of: word) { return .letters }
    return description.localizedCaseInsensitiveContains(word) ? .description : nil
  }
}

extension String {
  /// Whether the letters of a word occur here in their order, the first of them at the beginning of a part.
  fileprivate func hasLetters(of word: String) -> Bool {
    guard let first = word.first else { return true }
    return split(separator: "-").indices.contains { index in
      let rest = split(separator: "-")[index...].joined(separator: "-")
      guard rest.first == first else { return false }
      var letters = rest[...]
      return word.allSatisfy { letter in
        guard let place = letters.firstIndex(of: letter) else { return false }
        letters = letters[letters.index(after: place)...]
        return true
      }
    }
  }
}

extension WorkbenchState {
  /// Says why something asked for cannot be done.
  mutating func refuse(_ reason: String) -> [Effect] {
    notice = Notice(reason, .problem)
    return []
  }
}
