import TerminalUI

/// The keys that belong to no screen.
enum ShellKeys {
  /// On every screen, after its own.
  static func onScreens(_ state: WorkbenchState) -> [Binding] {
    [palette] + shortcuts(state) + (state.screens.count > 1 ? switching : []) + [notices] + appearance
  }

  /// On every screen and over every overlay, after all others.
  static let everywhere = [help, redraw, suspend, quit]

  private static let help = Binding(["?", .function(1)], "help", "Help for where you are", hint: "help") {
    $0.open(HelpOverlay())
  }

  private static let palette = Binding([":"], "commands", "Type a command, or look for one") {
    $0.open(PaletteOverlay())
  }

  /// The keys of the screens that are not in front.
  private static func shortcuts(_ state: WorkbenchState) -> [Binding] {
    state.screens.enumerated().compactMap { index, screen in
      guard index != state.shownScreen, let (key, description) = screen.shortcut else { return nil }
      return Binding([key], screen.name, description, hint: screen.name) { $0.shownScreen = index }
    }
  }

  private static let switching = [
    Binding([">"], "next-screen", "Next screen", hint: "screen") { $0.showScreen(by: 1) },
    Binding(["<"], "previous-screen", "Previous screen") { $0.showScreen(by: -1) },
  ]

  private static let notices = Binding(
    ["n"], "notices", "Read again what the status line said", hint: "notices"
  ) { $0.open(NoticesOverlay()) }

  private static let appearance = [
    Binding(["t"], "theme", "Next theme") { $0.useNextTheme() },
    Binding(["T"], "themes", "Choose a theme, seen live") { $0.open(ThemesOverlay($0)) },
    Binding(["d"], "dots", "Chart dots: automatic, blocks or ASCII in turn") {
      $0.appearance.marker = $0.appearance.marker.next
    },
    Binding(["z"], "mouse", "Capture the mouse, or let it go for selecting text") { $0.toggleMouse() },
  ]

  private static let redraw = Binding([.control("l")], "redraw", "Draw the screen anew") { _ in [.redraw] }

  private static let suspend = Binding([.control("z")], "suspend", "Leave for the shell; fg returns") { _ in
    [.suspend]
  }

  private static let quit = Binding(
    ["q", .control("c")], "quit", "Quit; the session is kept", hint: "quit"
  ) { [.save($0.history), .quit] }

  /// What can be typed in the palette on every screen, besides what keys do.
  static func commands(_ state: WorkbenchState) -> [Command] {
    [themeCommand] + (state.screens.count > 1 ? [screenCommand(state)] : [])
  }

  private static let themeCommand = Command("theme", argument: "NAME", "Change the colours") { text, state in
    guard state.appearance.themes.contains(text) else {
      return state.refuse(
        "no theme \"\(text)\"; there are \(state.appearance.themes.joined(separator: ", "))")
    }
    return state.use(theme: text)
  }

  private static func screenCommand(_ state: WorkbenchState) -> Command {
    let names = state.screens.map(\.name).joined(separator: " ")
    return Command("screen", argument: names, "Bring another screen to the front") { text, state in
      guard let index = state.screens.firstIndex(where: { $0.name == text }) else {
        return state.refuse("no screen \"\(text)\"; there are \(names)")
      }
      state.shownScreen = index
      return []
    }
  }
}
