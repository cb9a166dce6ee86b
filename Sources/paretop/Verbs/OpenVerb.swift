import ArgumentParser
import Evaluation
import Foundation
import Session
import TerminalUI
import Workbench

/// The workbench on a terminal.
struct OpenVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open the workbench (the default).")

  @Argument(help: "A model file or a sample's folder; without it the sample glyphs-lenet.")
  var model: String?

  @OptionGroup var data: DataOptions

  @Option(help: "Colour theme to start with.")
  var theme: String?

  @Flag(help: "Leave earlier sessions alone and keep this one in memory only.")
  var noSession = false

  @MainActor
  mutating func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let request = try data.request(try model ?? Installation.defaultSample())
    let options = try data.experimentOptions()
    let read = try ReadModel(request)
    let themes = ThemeLibrary.load(directories: ThemeLibrary.searchPath(shipped: Installation.themeFolders))
    let file = ScreenChoicesFile(path: StatePaths.screen(environment: environment))
    let (choices, damage) = file.read()
    let chosen =
      try (self.theme ?? choices.theme.flatMap { themes[$0]?.name }).map { try named($0, in: themes) }
      ?? themes["dark"] ?? .plain
    let mailbox = try Mailbox()
    let terminal = try NcursesTerminal(theme: chosen)
    let isThemeChosen = theme != nil || chosen.name == choices.theme
    if !isThemeChosen { terminal.askBackground() }
    var state = WorkbenchState(
      subject: SubjectSummary(
        read,
        machine: MachineDescription.current(
          level: options.level, threads: options.threads, latencyThreads: options.latencyThreads)),
      history: History(created: Date()),
      appearance: Appearance(
        theme: chosen.name, isThemeChosen: isThemeChosen, themes: themes.themes.map(\.name)),
      size: terminal.size)
    // A flag comes before what was chosen last.
    var known = choices
    known.theme = nil
    state.apply(known)
    terminal.isMouseOn = state.appearance.capturesMouse
    if let damage { mailbox.post(.notice(damage)) }
    // Reading the data and opening the store take longer than a first screen may: they go on behind it.
    let engine = LiveEngine(
      request: request, model: read, options: options,
      sessions: noSession ? nil : StatePaths.database(environment: environment),
      exportFolder: FileManager.default.currentDirectoryPath, post: { mailbox.post($0) })
    if !noSession { engine.findSession { mailbox.post($0) } }
    for error in themes.errors { mailbox.post(.notice(error.description)) }
    let end = WorkbenchLoop(
      terminal: terminal, engine: engine, themes: themes, mailbox: mailbox, choices: file
    ).run(
      from: state)
    terminal.restore()
    await engine.close()
    if let failure = end.failure { throw VerbError.cannotOpen(failure) }
  }

  private func named(_ name: String, in themes: ThemeLibrary) throws -> Theme {
    guard let theme = themes[name] else {
      throw themes.errors.first ?? VerbError.badOption("theme", name, themes.themes.map(\.name))
    }
    return theme
  }
}
