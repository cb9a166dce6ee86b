/// A terminal without one, for tests: keys come from a script, frames are kept.
package final class HeadlessTerminal: TerminalDriver {
  package private(set) var size: Size
  package let capabilities: TerminalCapabilities
  package var theme: Theme
  package var isMouseOn = false
  /// Every frame shown, oldest first.
  package private(set) var frames: [Canvas] = []
  package private(set) var bells = 0
  package private(set) var redraws = 0
  package private(set) var suspensions = 0
  package private(set) var isRestored = false
  private var script: [TerminalWake]

  /// Each entry of the script answers one wait; after the last, every wait answers `.hangup`.
  package init(
    size: Size = Size(width: 80, height: 24), glyphs: GlyphSet = .unicode, theme: Theme = .plain,
    script: [TerminalWake] = []
  ) {
    self.size = size
    self.theme = theme
    self.script = script
    capabilities = TerminalCapabilities(
      name: "headless", depth: .monochrome, isUnicode: glyphs.isUnicode, hasMouse: true, glyphs: glyphs)
  }

  /// A script that sends these keys one by one.
  package convenience init(
    size: Size = Size(width: 80, height: 24), glyphs: GlyphSet = .unicode, keys: [KeyEvent]
  ) {
    self.init(size: size, glyphs: glyphs, script: keys.map { TerminalWake(events: [$0]) })
  }

  package var lastFrame: Canvas? { frames.last }

  /// Adds to the end of the script.
  package func type(_ keys: KeyEvent...) { script += keys.map { TerminalWake(events: [$0]) } }

  package func present(_ canvas: Canvas) { frames.append(canvas) }

  package func waitForInput(extraDescriptors: [Int32], timeoutMilliseconds: Int?) -> TerminalWake {
    guard !script.isEmpty else { return TerminalWake(events: [.hangup]) }
    let wake = script.removeFirst()
    for case .resize(let width, let height) in wake.events { size = Size(width: width, height: height) }
    return wake
  }

  package func redraw() { redraws += 1 }
  package func bell() { bells += 1 }
  package func suspend() { suspensions += 1 }
  package func restore() { isRestored = true }
}
