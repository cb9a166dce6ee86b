import Session
import TerminalUI

/// Keys and messages in, frames out: the only place where the pure parts meet a terminal and an engine.
package struct WorkbenchLoop {
  private let terminal: any TerminalDriver
  private let engine: any WorkbenchEngine
  private let themes: ThemeLibrary
  private let mailbox: Mailbox
  private let choices: ScreenChoicesFile
  private let update: Update
  private let clock = ContinuousClock()

  /// Tightening readings are drawn at most this often, to spare slow lines; keys and first readings at once.
  private let frameInterval = Duration.milliseconds(350)

  package init(
    terminal: any TerminalDriver, engine: any WorkbenchEngine, themes: ThemeLibrary, mailbox: Mailbox,
    choices: ScreenChoicesFile = ScreenChoicesFile(path: nil), update: Update = Update()
  ) {
    self.choices = choices
    self.terminal = terminal
    self.engine = engine
    self.themes = themes
    self.mailbox = mailbox
    self.update = update
  }

  /// Runs until the user quits or the terminal is gone.
  /// - Returns: the last state, whose history is what the session came to.
  package func run(from start: WorkbenchState) -> WorkbenchState {
    var state = start
    var isRunning = true
    carryOut(update.start(&state), &state, &isRunning)
    draw(state)
    var lastFrame = clock.now
    var isStale = false
    while isRunning {
      let wait = isStale ? remaining(since: lastFrame) : nil
      let wake = terminal.waitForInput(extraDescriptors: [mailbox.descriptor], timeoutMilliseconds: wait)
      var isUrgent = false
      for event in wake.events where isRunning {
        carryOut(update(&state, .key(event)), &state, &isRunning)
        isUrgent = true
      }
      for message in mailbox.take() where isRunning {
        let isComplete = state.measurement?.latency != nil
        carryOut(update(&state, message), &state, &isRunning)
        isStale = true
        if message.isMilestone || isComplete != (state.measurement?.latency != nil) { isUrgent = true }
      }
      guard isRunning, isUrgent || (isStale && remaining(since: lastFrame) == 0) else { continue }
      draw(state)
      lastFrame = clock.now
      isStale = false
    }
    return state
  }

  private func remaining(since frame: ContinuousClock.Instant) -> Int {
    let left = frameInterval - frame.duration(to: clock.now)
    return max(0, Int((left / .milliseconds(1)).rounded(.up)))
  }

  private func draw(_ state: WorkbenchState) {
    var canvas = Canvas(size: state.size, glyphs: glyphs(state.appearance.marker))
    canvas.draw(ShellView(state))
    terminal.present(canvas)
  }

  private func glyphs(_ choice: PlotMarkerChoice) -> GlyphSet {
    let own = terminal.capabilities.glyphs
    switch choice {
    case .automatic: return own
    case .block: return GlyphSet(isUnicode: own.isUnicode, marker: .block)
    case .ascii: return GlyphSet(isUnicode: own.isUnicode, marker: .ascii)
    }
  }

  private func carryOut(_ effects: [Effect], _ state: inout WorkbenchState, _ isRunning: inout Bool) {
    let post: @Sendable (Message) -> Void = { [mailbox] in mailbox.post($0) }
    for effect in effects {
      switch effect {
      case .measure(let request, let recipe, let again):
        engine.measure(recipe, request: request, again: again, post: post)
      case .stopMeasuring: engine.stopMeasuring()
      case .probe(let probes): engine.probe(probes, post: post)
      case .takeUpSession: engine.takeUpSession()
      case .save(let history): engine.save(history, post: post)
      case .export(let recipe): engine.export(recipe, post: post)
      case .setTheme(let name): if let theme = themes[name] { terminal.theme = theme }
      case .captureMouse(let isOn): terminal.isMouseOn = isOn
      case .remember(let choices): self.choices.write(choices)
      case .redraw: terminal.redraw()
      case .suspend:
        terminal.suspend()
        state.size = terminal.size
      case .quit: isRunning = false
      }
    }
  }
}

extension Message {
  /// Worth a frame at once: a settled reading, or something to tell.
  fileprivate var isMilestone: Bool {
    switch self {
    case .reading(_, let measurement): measurement.stage == .settled
    case .probed, .probeFailed, .compressing: false
    case .key, .opened, .cannotOpen, .measurementFailed, .sessionFound, .exported, .exportFailed, .notice,
      .storeNotice:
      true
    }
  }
}
