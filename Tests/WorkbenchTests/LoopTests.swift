import Compression
import Foundation
import Recipes
import Search
import Session
import Synchronization
import TerminalUI
import Testing
import Workbench

/// An engine that answers at once, and notes what it was asked.
private final class InstantEngine: WorkbenchEngine {
  let saved = Mutex<[History]>([])

  func measure(_ recipe: Recipe, request: Int, again: Bool, post: @escaping @Sendable (Message) -> Void) {
    post(.reading(request: request, .sample(of: recipe, accuracy: 0.95)))
  }
  func stopMeasuring() {}
  func probe(_ probes: [SensitivityScan.Probe], post: @escaping @Sendable (Message) -> Void) {}
  func takeUpSession() {}
  func save(_ history: History, post: @escaping @Sendable (Message) -> Void) {
    saved.withLock { $0.append(history) }
  }
  func export(_ recipe: Recipe, post: @escaping @Sendable (Message) -> Void) {
    post(.exported("written to out.onnx"))
  }
}

@Suite("Loop")
struct LoopTests {
  private func run(_ keys: [KeyEvent]) throws -> (
    terminal: HeadlessTerminal, state: WorkbenchState, saves: Int
  ) {
    let terminal = HeadlessTerminal(size: Size(width: 100, height: 30), keys: keys)
    let engine = InstantEngine()
    let loop = WorkbenchLoop(
      terminal: terminal, engine: engine, themes: ThemeLibrary(themes: [.plain]), mailbox: try Mailbox())
    let state = loop.run(from: TestBench(width: 100, height: 30).state)
    return (terminal, state, engine.saved.withLock { $0.count })
  }

  @Test func drawsEveryKeyAndEndsWithTheLast() throws {
    let (terminal, state, saves) = try run([.right, .character("e"), .character("q"), .right])
    #expect(state.recipe.model.prune == 0.01)
    #expect(terminal.frames.count >= 3)
    #expect(terminal.frames.contains { $0.lines.joined().contains("written to out.onnx") })
    #expect(saves >= 1)
  }

  @Test func endsWhenTheTerminalIsGone() throws {
    let (_, state, saves) = try run([.right, .hangup])
    #expect(state.recipe.model.prune == 0.01)
    #expect(saves >= 1)
  }

  @Test func followsAResize() throws {
    let (terminal, state, _) = try run([.resize(width: 70, height: 20), .character("q")])
    #expect(state.size == Size(width: 70, height: 20))
    #expect(terminal.frames.contains { $0.frameSize == Size(width: 70, height: 20) })
  }

  @Test func suspends() throws {
    #expect(try run([.control("z"), .character("q")]).terminal.suspensions == 1)
  }
}
