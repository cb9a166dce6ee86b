/// Where this program keeps what it remembers.
package enum StatePaths {
  /// The sessions; nil where there is no folder for them.
  package static func database(environment: [String: String]) -> String? {
    folder(environment: environment).map { $0 + "/sessions.sqlite" }
  }

  /// How the screen was set up last; nil where there is no folder for it.
  package static func screen(environment: [String: String]) -> String? {
    folder(environment: environment).map { $0 + "/screen.toml" }
  }

  /// `$XDG_STATE_HOME/paretop`, by default `~/.local/state/paretop`; nil where neither XDG_STATE_HOME nor HOME gives an
  /// absolute path (a relative one is to be ignored: XDG Base Directory Specification 0.8,
  /// https://specifications.freedesktop.org/basedir-spec/latest/).
  private static func folder(environment: [String: String]) -> String? {
    if let folder = environment["XDG_STATE_HOME"], folder.hasPrefix("/") { return folder + "/paretop" }
    if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.local/state/paretop" }
    return nil
  }
}
