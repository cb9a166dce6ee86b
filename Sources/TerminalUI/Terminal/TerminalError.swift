/// What can go wrong between this module and the terminal or the theme files.
package enum TerminalError: Error, Equatable, CustomStringConvertible {
  /// Standard input or output is a file or a pipe.
  case notATerminal(stream: String)
  /// Neither the named terminal nor one of the common ones used in its place could be opened.
  case unknownTerminal(name: String)
  /// The machine has no terminal descriptions at all.
  case noTerminalDatabase(name: String)
  /// The terminal cannot place the cursor, as a screen needs.
  case noCursorAddressing(name: String)
  /// The pipe for signals could not be made.
  case noWakePipe(reason: String)
  case themeUnreadable(file: String, reason: String)
  case themeSyntax(file: String, line: Int, reason: String)
  case themeIncomplete(file: String, missing: [StyleRole])
  case themeUnknownKey(file: String, key: String, known: String)
  case themeBadValue(file: String, key: String, found: String, expected: String)

  package var description: String {
    switch self {
    case .notATerminal(let stream):
      "\(stream) is not a terminal: run paretop in one without redirection, "
        + "or use its commands for scripts (paretop --help)."
    case .unknownTerminal(let name):
      "The terminal TERM=\(name) is unknown here: set TERM to what your terminal is, "
        + "for example TERM=xterm-256color, or install its description (ncurses-term)."
    case .noTerminalDatabase(let name):
      "No terminal descriptions were found (TERM=\(name)): install ncurses-base, or point TERMINFO to them."
    case .noCursorAddressing(let name):
      "The terminal TERM=\(name) cannot place its cursor, as a screen needs: use another terminal, "
        + "set TERM=xterm-256color if it is one, or use the commands for scripts (paretop --help)."
    case .noWakePipe(let reason):
      "No pipe for signals could be made (\(reason)): close other programs or raise the limit of open files."
    case .themeUnreadable(let file, let reason):
      "The theme \(file) cannot be read (\(reason)): check that it is a UTF-8 text file you may read, "
        + "or remove it."
    case .themeSyntax(let file, let line, let reason):
      "The theme \(file) has an error in line \(line) (\(reason)): correct that line, or remove the file."
    case .themeIncomplete(let file, let missing):
      "The theme \(file) lacks \(missing.map(\.name).joined(separator: ", ")): "
        + "add them under [roles], as in themes/dark.toml."
    case .themeUnknownKey(let file, let key, let known):
      "The theme \(file) has the unknown key \(key): correct or remove it; known are \(known)."
    case .themeBadValue(let file, let key, let found, let expected):
      "The theme \(file) has \(found) for \(key): write \(expected)."
    }
  }
}
