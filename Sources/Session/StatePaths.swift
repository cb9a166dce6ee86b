/// Where sessions are kept.
package enum StatePaths {
  /// `$XDG_STATE_HOME/paretop/sessions.sqlite`, by default under `~/.local/state`; nil where neither XDG_STATE_HOME nor
  /// HOME gives an absolute path (a relative one is to be ignored: XDG Base Directory Specification 0.8,
  /// https://specifications.freedesktop.org/basedir-spec/latest/).
  package static func database(environment: [String: String]) -> String? {
    if let folder = environment["XDG_STATE_HOME"], folder.hasPrefix("/") {
      return folder + "/paretop/sessions.sqlite"
    }
    if let home = environment["HOME"], home.hasPrefix("/") {
      return home + "/.local/state/paretop/sessions.sqlite"
    }
    return nil
  }
}
