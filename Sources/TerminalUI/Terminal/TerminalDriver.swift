/// What a terminal can show and send.
package struct TerminalCapabilities: Hashable, Sendable {
  /// The description in use, after any fallback.
  package var name: String
  /// What TERM asked for, where another description had to take its place.
  package var replacedName: String?
  package var depth: ColorDepth
  package var isUnicode: Bool
  package var hasMouse: Bool
  /// The characters to start with; the person may choose another marker.
  package var glyphs: GlyphSet

  package init(
    name: String, replacedName: String? = nil, depth: ColorDepth, isUnicode: Bool, hasMouse: Bool,
    glyphs: GlyphSet
  ) {
    self.name = name
    self.replacedName = replacedName
    self.depth = depth
    self.isUnicode = isUnicode
    self.hasMouse = hasMouse
    self.glyphs = glyphs
  }
}

/// Why waiting ended. No events and no descriptors: the time was up.
package struct TerminalWake: Hashable, Sendable {
  package var events: [KeyEvent]
  /// Those of the extra descriptors that can be read, or whose other end is closed.
  package var ready: [Int32]

  package init(events: [KeyEvent] = [], ready: [Int32] = []) {
    self.events = events
    self.ready = ready
  }
}

/// A place to show canvases and to read keys from. Used by one thread only.
package protocol TerminalDriver: AnyObject {
  var size: Size { get }
  var capabilities: TerminalCapabilities { get }
  /// The looks of roles; a change redraws with the next frame.
  var theme: Theme { get set }
  /// Whether the mouse is ours; off, the terminal's own text selection works.
  var isMouseOn: Bool { get set }

  /// Shows the frame; only what changed since the last one is sent.
  func present(_ canvas: Canvas)
  /// Waits until a key, a resize, a signal or one of the descriptors asks for attention.
  ///
  /// A `timeoutMilliseconds` of nil waits without end, 0 only looks. Resizes in a row arrive as one, the last.
  func waitForInput(extraDescriptors: [Int32], timeoutMilliseconds: Int?) -> TerminalWake
  /// Sends the next frame whole, for a screen that something else wrote on.
  func redraw()
  func bell()
  /// Gives the terminal back to the shell until the person returns, as Ctrl-Z does.
  func suspend()
  /// Gives the terminal back as it was; may be called again.
  func restore()
}
