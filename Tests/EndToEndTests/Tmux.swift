import Foundation
import Testing

/// A program in a terminal of its own: keys in, screen out. Each has a private tmux server, and nothing outlives it.
final class Tmux {
  private let socket = "paretop-test-\(UUID().uuidString.prefix(8))"
  let home: URL

  /// - Parameters:
  ///   - term: the terminal tmux is told it has in front of it decides colours; the program sees `term` as TERM.
  init(
    _ arguments: [String], width: Int = 120, height: Int = 36, environment: [String: String] = [:],
    term: String = "tmux-256color", home: URL? = nil
  ) throws {
    self.home = try home ?? Sandbox.makeFolder()
    var settings = [
      "HOME": self.home.path, "XDG_STATE_HOME": self.home.path + "/state",
      "XDG_CONFIG_HOME": self.home.path + "/config",
      "TERM": term, "LC_ALL": "C.UTF-8",
    ]
    settings.merge(environment) { _, new in new }
    let program = ([try Sandbox.binary()] + arguments).map(quoted).joined(separator: " ")
    let assignments = settings.map { "\($0)=\(quoted($1))" }.sorted().joined(separator: " ")
    // The shell stays, so that what the program leaves behind can be seen, with its exit code.
    let command =
      "env -u NO_COLOR \(assignments) \(program); echo \"exit=$?\"; stty -a | grep -o -- '-\\?echo\\b' | head -1; cat"
    try run(["new-session", "-d", "-x", "\(width)", "-y", "\(height)", "sh", "-c", command])
  }

  private init(command: String, width: Int, height: Int, home: URL) throws {
    self.home = home
    try run(["new-session", "-d", "-x", "\(width)", "-y", "\(height)", command])
  }

  /// An interactive shell with job control.
  static func shell(home: URL) throws -> Tmux {
    let settings = "HOME='\(home.path)' XDG_STATE_HOME='\(home.path)/state' LC_ALL=C.UTF-8"
    return try Tmux(command: "env \(settings) bash --norc --noprofile -i", width: 120, height: 36, home: home)
  }

  deinit { _ = try? Sandbox.output("tmux", ["-L", socket, "kill-server"]) }

  func type(_ keys: String...) throws {
    for key in keys { try run(["send-keys", key]) }
  }

  func typeText(_ text: String) throws { try run(["send-keys", "-l", text]) }

  /// Pastes as a terminal does: in brackets where the program asked for them.
  func paste(_ text: String) throws {
    try run(["set-buffer", text])
    try run(["paste-buffer", "-p"])
  }

  func resize(width: Int, height: Int) throws {
    try run(["resize-window", "-x", "\(width)", "-y", "\(height)"])
  }

  var screen: String {
    get throws { try run(["capture-pane", "-p"]) }
  }

  func flag(_ name: String) throws -> String {
    try run(["display-message", "-p", "#{\(name)}"]).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The process running in the pane's foreground, found by its name among the pane's descendants.
  func signal(_ signal: String) throws {
    let pane = try run(["display-message", "-p", "#{pane_pid}"]).trimmingCharacters(
      in: .whitespacesAndNewlines)
    _ = try Sandbox.output("pkill", ["-\(signal)", "-P", pane, "paretop"])
  }

  /// Waits until the screen shows `text`; fails with the screen as it is when it never does.
  @discardableResult
  func wait(
    for text: String, seconds: Double = 20, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    try await wait("\"\(text)\"", seconds: seconds, sourceLocation: sourceLocation) { $0.contains(text) }
  }

  @discardableResult
  func wait(
    _ what: String, seconds: Double = 20, sourceLocation: SourceLocation = #_sourceLocation,
    until condition: (String) -> Bool
  ) async throws -> String {
    let end = Date(timeIntervalSinceNow: seconds)
    var shown = try screen
    while !condition(shown), Date() < end {
      try await Task.sleep(for: .milliseconds(50))
      shown = try screen
    }
    if !condition(shown) {
      Issue.record("never saw \(what); the screen is:\n\(shown)", sourceLocation: sourceLocation)
    }
    return shown
  }

  @discardableResult
  private func run(_ arguments: [String]) throws -> String {
    // The server must not keep the descriptors by which Foundation notices that a process has ended, nor pass on the
    // signals that the test's thread has blocked.
    let closing = """
      for f in /proc/$$/fd/*; do n=${f##*/}; [ $n -gt 2 ] && eval "exec $n>&-"; done
      exec perl -MPOSIX -e 'sigprocmask(SIG_SETMASK, POSIX::SigSet->new); exec @ARGV' tmux "$@"
      """
    let output = try Sandbox.output(
      "bash", ["-c", closing, "bash", "-L", socket, "-f", "/dev/null"] + arguments)
    guard output.status == 0 else {
      throw Sandbox.Missing(description: "tmux \(arguments) failed: \(output.errors)")
    }
    return output.text
  }
}

private func quoted(_ text: String) -> String {
  "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'"
}
