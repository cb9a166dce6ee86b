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
    let opened = try data.open(try model ?? Installation.defaultSample())
    let experiment = try data.experiment(opened)
    let themes = ThemeLibrary.load(directories: ThemeLibrary.searchPath(shipped: Installation.themeFolders))
    let chosen = try self.theme.map { try named($0, in: themes) } ?? themes["dark"] ?? .plain
    let store = SessionStore(path: noSession ? nil : StatePaths.database(environment: environment))
    let engine = LiveEngine(
      opened: opened, experiment: experiment, store: store,
      exportFolder: FileManager.default.currentDirectoryPath)

    let mailbox = try Mailbox()
    let terminal = try NcursesTerminal(theme: chosen)
    terminal.isMouseOn = true
    let state = WorkbenchState(
      subject: SubjectSummary(opened, experiment), history: History(created: Date()),
      appearance: Appearance(theme: chosen.name, themes: themes.themes.map(\.name)), size: terminal.size)
    if !noSession { engine.findSession { mailbox.post($0) } }
    for notice in opened.notices + themes.errors.map(\.description) { mailbox.post(.notice(notice)) }
    _ = WorkbenchLoop(terminal: terminal, engine: engine, themes: themes, mailbox: mailbox).run(from: state)
    terminal.restore()
    await engine.close()
  }

  private func named(_ name: String, in themes: ThemeLibrary) throws -> Theme {
    guard let theme = themes[name] else {
      throw themes.errors.first ?? VerbError.badOption("theme", name, themes.themes.map(\.name))
    }
    return theme
  }
}
