import Foundation
import Testing

/// The real program in a real terminal, used as a person would.
@Suite("Workbench in a terminal", .serialized)
struct WorkbenchInTerminalTests {
  private static let model = Sandbox.sample("digits-mlp")

  @Test(arguments: [(80, 24), (120, 36), (200, 60)])
  func opensOnASampleModelAndSettles(width: Int, height: Int) async throws {
    let terminal = try Tmux([Self.model], width: width, height: height)
    let screen = try await terminal.wait(for: "settled")
    for part in ["digits-mlp", "knobs", "accuracy", "latency", "size", "pareto", "layers", "fc1"] {
      #expect(screen.contains(part), "\(part) is not on the screen:\n\(screen)")
    }
    try terminal.type("q")
    try await terminal.wait(for: "exit=0")
  }

  @Test func turnsTheThreeKnobs() async throws {
    let terminal = try Tmux([Self.model])
    try await terminal.wait(for: "settled")
    try terminal.type("b", "h", "h")
    try await terminal.wait(for: "W8: settled")
    try terminal.type(":")
    try terminal.typeText("prune 30")
    try terminal.type("Enter")
    try await terminal.wait(for: "P30 W8: settled")
    try terminal.type("r", ":")
    try terminal.typeText("rank 30")
    try terminal.type("Enter")
    try await terminal.wait(for: "P30 W8 R30: settled")
    try terminal.type("u")
    try await terminal.wait(for: "P30 W8: settled")
    try terminal.type("0")
    try await terminal.wait(for: "original: settled")
  }

  @Test func turnsOneLayerAlone() async throws {
    let terminal = try Tmux([Self.model])
    try await terminal.wait(for: "settled")
    try terminal.type("Tab", "Enter", "b", "h", "h", "h", "h", "h")
    let screen = try await terminal.wait(for: "fc1:W4: settled")
    #expect(!screen.contains("whole model"))
  }

  @Test func marksComparesAndReturnsToAPoint() async throws {
    let terminal = try Tmux([Self.model])
    try await terminal.wait(for: "settled")
    try terminal.type("L", "L", "L", "L", "L", "L", "L", "L", "L")
    try await terminal.wait(for: "P90: settled")
    try terminal.type("m", "c")
    try await terminal.wait(for: "compare")
    try terminal.type("Escape", "Tab", "Tab", "End", "Enter")
    try await terminal.wait(for: "original: settled")
  }

  @Test func helpThemesAndPalette() async throws {
    let terminal = try Tmux([Self.model])
    try await terminal.wait(for: "settled")
    try terminal.type("?")
    try await terminal.wait(for: "help: knobs")
    try terminal.type("Escape", "t")
    try await terminal.wait(for: "Theme ")
    try terminal.type(":")
    try terminal.typeText("bits 4")
    try terminal.type("Enter")
    try await terminal.wait(for: "W4: settled")
  }

  @Test func leavesNoTraceInTheTerminal() async throws {
    let terminal = try Tmux([Self.model])
    try await terminal.wait(for: "settled")
    #expect(try terminal.flag("alternate_on") == "1")
    try terminal.type("q")
    let screen = try await terminal.wait(for: "exit=0")
    #expect(try terminal.flag("alternate_on") == "0")
    #expect(try terminal.flag("mouse_any_flag") == "0")
    #expect(try terminal.flag("cursor_flag") == "1")
    try await terminal.wait("echo on") { $0.split(separator: "\n").contains("echo") }
    #expect(!screen.contains("knobs"))
  }

  @Test func pastedTextIsNoCommand() async throws {
    let terminal = try Tmux([Self.model, "--no-session"])
    try await terminal.wait(for: "settled")
    try terminal.paste("quit\nqe")
    try await terminal.wait(for: "Pasted text")
    try terminal.type(":")
    try terminal.paste("prune 50")
    try terminal.type("Enter")
    try await terminal.wait(for: "P50: settled")
  }

  @Test func offersTheEarlierSession() async throws {
    let terminal = try await Self.openedAgain { terminal in
      try terminal.type("q")
      try await terminal.wait(for: "exit=0")
    }
    try terminal.type("Enter")
    try await terminal.wait(for: "W8: settled")
  }

  @Test func whatWasMeasuredEarlierIsThereAtOnce() async throws {
    let terminal = try await Self.openedAgain { terminal in
      try terminal.type("q")
      try await terminal.wait(for: "exit=0")
    }
    try terminal.type("n")
    try await terminal.wait(for: "original: settled")
    try terminal.type("b", "h", "h")
    let screen = try await terminal.wait(for: "W8: settled")
    #expect(screen.contains("in an earlier session"), "\(screen)")
    try terminal.type("M")
    try await terminal.wait("measured again") {
      $0.contains("W8: settled") && !$0.contains("earlier session")
    }
  }

  @Test func keepsTheSessionWhenTheConnectionDrops() async throws {
    _ = try await Self.openedAgain { terminal in
      try terminal.signal("HUP")
      try await terminal.wait(for: "exit=")
    }
  }

  /// A workbench that offers the session of one before it, in which 8 bits were tried and which `leave` ended.
  private static func openedAgain(after leave: (Tmux) async throws -> Void) async throws -> Tmux {
    let home = try Sandbox.makeFolder()
    do {
      let terminal = try Tmux([model], home: home)
      try await terminal.wait(for: "settled")
      try terminal.type("b", "h", "h")
      try await terminal.wait(for: "W8: settled")
      try await leave(terminal)
    }
    let terminal = try Tmux([model], home: home)
    try await terminal.wait(for: "welcome back")
    return terminal
  }

  @Test func survivesAResizeStorm() async throws {
    let terminal = try Tmux([Self.model])
    try await terminal.wait(for: "settled")
    for step in 0..<12 {
      try terminal.resize(width: 40 + step * 13 % 160, height: 8 + step * 7 % 50)
      try terminal.type("l")
    }
    try terminal.resize(width: 50, height: 12)
    try await terminal.wait(for: "paretop needs")
    try terminal.resize(width: 120, height: 36)
    try await terminal.wait(for: "pareto")
    try terminal.type("q")
    try await terminal.wait(for: "exit=0")
  }

  @Test func suspendsAndComesBack() async throws {
    let home = try Sandbox.makeFolder()
    let shell = try Tmux.shell(home: home)
    try shell.typeText("\(try Sandbox.binary()) \(Self.model)")
    try shell.type("Enter")
    try await shell.wait(for: "settled")
    try shell.type("C-z")
    try await shell.wait("the shell again") { $0.contains("Stopped") || $0.contains("Suspended") }
    try shell.typeText("fg")
    try shell.type("Enter")
    try await shell.wait(for: "pareto")
    try shell.type("l")
    try await shell.wait(for: "P1: ")
  }

  @Test func comesBackFromAStopByAnotherProgram() async throws {
    let shell = try Tmux.shell(home: try Sandbox.makeFolder())
    try shell.typeText("\(try Sandbox.binary()) \(Self.model)")
    try shell.type("Enter")
    try await shell.wait(for: "settled")
    try shell.signal("STOP")
    try await shell.wait("the shell again") { $0.contains("Stopped") }
    try shell.typeText("fg")
    try shell.type("Enter")
    try await shell.wait(for: "pareto")
    try shell.type("l")
    try await shell.wait(for: "P1: ")
  }

  @Test(arguments: ["xterm-256color", "screen", "linux", "vt100", "bogus-terminal", ""])
  func worksOnOtherTerminals(term: String) async throws {
    let terminal = try Tmux([Self.model], term: term)
    try await terminal.wait(for: "settled")
    try terminal.type("l")
    try await terminal.wait(for: "P1: ")
    try terminal.type("q")
    try await terminal.wait(for: "exit=0")
  }

  @Test func worksWithoutUnicode() async throws {
    let terminal = try Tmux([Self.model], environment: ["LC_ALL": "C"], term: "xterm")
    let screen = try await terminal.wait(for: "settled")
    #expect(screen.allSatisfy { $0.isASCII })
  }

  @Test func refusesATerminalWithoutACursor() async throws {
    let terminal = try Tmux([Self.model], term: "dumb")
    let screen = try await terminal.wait(for: "exit=")
    #expect(screen.contains("TERM=dumb"))
    #expect(screen.contains("exit=1"))
  }

  @Test func worksWithAReadOnlyHome() async throws {
    let home = try Sandbox.makeFolder()
    try "not a folder".write(to: home.appending(path: "state"), atomically: true, encoding: .utf8)
    let terminal = try Tmux([Self.model], home: home)
    try await terminal.wait(for: "Sessions cannot be kept")
    try terminal.type("l")
    try await terminal.wait(for: "P1: ")
  }
}
