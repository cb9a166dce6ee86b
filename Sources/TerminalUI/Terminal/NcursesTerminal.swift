import CNcurses
import Foundation

/// The real terminal on standard input and output; the one Swift file that speaks to ncurses.
///
/// Opens on creation; `restore` (called at deinit too) gives the terminal back as it was. Fatal signals reset
/// the terminal first and then go on to whoever handled them before.
package final class NcursesTerminal: TerminalDriver {
  package let capabilities: TerminalCapabilities
  package var theme: Theme {
    didSet { if theme != oldValue { forgetScreen() } }
  }
  package var isMouseOn = false {
    didSet { if isMouseOn != oldValue, isOpen { isMouseOn = cn_set_mouse(isMouseOn) && isMouseOn } }
  }

  private let screen: OpaquePointer
  private let wakeDescriptor: Int32
  private var isOpen = true
  private var isGone = false
  /// What the terminal shows; nil if unknown.
  private var shown: Canvas?
  private var drawnStyles: [CellStyle: DrawnStyle] = [:]
  private var pairs: [ColorPair: Int32] = [:]
  private var emptyReads = 0
  private var paste = PasteCollector()
  /// Whether anything was read since the last wait, be it the middle of a paste.
  private var hasRead = false

  /// Opens the terminal that TERM names, or where it is unset or unknown the first of a few common ones;
  /// `capabilities.replacedName` tells.
  ///
  /// Throws `TerminalError` when standard input or output is no terminal, or when it cannot show a screen.
  package init(
    theme: Theme = .plain, wantsMouse: Bool = true,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(TerminalError) {
    guard isatty(STDIN_FILENO) == 1 else { throw .notATerminal(stream: "Standard input") }
    guard isatty(STDOUT_FILENO) == 1 else { throw .notATerminal(stream: "Standard output") }
    let isUnicode = cn_use_environment_locale()
    let wanted = environment["TERM", default: ""]
    let name = try Self.usableName(wanted)
    wakeDescriptor = cn_install_wake()
    guard wakeDescriptor >= 0 else { throw .noWakePipe(reason: String(cString: strerror(errno))) }
    guard let screen = cn_open(name) else {
      cn_remove_handlers()
      throw .unknownTerminal(name: wanted)
    }
    self.screen = screen
    guard cn_has_string("cup"), cn_has_string("clear") else {
      endwin()
      delscreen(screen)
      cn_remove_handlers()
      throw .noCursorAddressing(name: name)
    }
    self.theme = theme
    capabilities = Self.readCapabilities(
      name: name, wanted: wanted, isUnicode: isUnicode, environment: environment)
    cn_install_guard()
    Self.setModes(environment: environment)
    cn_set_bracketed_paste(true)
    if wantsMouse, capabilities.hasMouse { isMouseOn = cn_set_mouse(true) }
  }

  deinit { restore() }

  package var size: Size { Size(width: Int(cn_columns()), height: Int(cn_rows())) }

  package func present(_ canvas: Canvas) {
    guard isOpen, !isGone else { return }
    let size = size
    // What a frame of another size left outside this one goes.
    if shown?.frameSize != canvas.frameSize { erase() }
    let runs = canvas.changedRuns(since: shown)
    shown = canvas
    guard !runs.isEmpty else { return }
    var last: DrawnStyle?
    for run in runs where run.y < size.height {
      var style = drawn(run.style)
      // Blanks show only their ground: in the colours of what stands before them they cost no change.
      if let last, style.looksLike(last, onBlanks: run.cells) { style = last }
      draw(run, style, columns: size.width)
      last = style
    }
    wnoutrefresh(cn_stdscr())
    doupdate()
  }

  /// Asks whether the terminal's ground is light or dark; where it answers, `background` comes among the events.
  package func askBackground() { if isOpen, !isGone { cn_ask_background() } }

  package func redraw() { if isOpen, !isGone { redrawAll() } }

  package func bell() {
    if isOpen, !isGone { beep() }
  }

  package func restore() {
    guard isOpen else { return }
    isOpen = false
    if !isGone {
      _ = cn_set_mouse(false)
      cn_set_bracketed_paste(false)
      endwin()
    }
    cn_remove_handlers()
    delscreen(screen)
  }

  package func suspend() {
    guard isOpen, !isGone else { return }
    let hadMouse = isMouseOn
    isMouseOn = false
    cn_set_bracketed_paste(false)
    endwin()
    cn_stop_self()
    isMouseOn = hadMouse
    cn_set_bracketed_paste(true)
    redrawAll()
  }

  package func waitForInput(extraDescriptors: [Int32], timeoutMilliseconds: Int?) -> TerminalWake {
    guard isOpen, !isGone else { return TerminalWake(events: [.hangup]) }
    hasRead = false
    // ncurses may hold keys that it has read already.
    let waiting = readEvents()
    if !waiting.isEmpty { return TerminalWake(events: waiting) }
    var polled = ([STDIN_FILENO, wakeDescriptor] + extraDescriptors).map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    let timeout = timeoutMilliseconds.map { Int32(clamping: max(0, $0)) } ?? -1
    let count = poll(&polled, nfds_t(polled.count), timeout)
    var wake = TerminalWake()
    if count > 0 {
      for (descriptor, state) in zip(extraDescriptors, polled.dropFirst(2)) where state.revents != 0 {
        wake.ready.append(descriptor)
      }
    }
    if polled[1].revents != 0 { wake.events += readWakes() }
    let input = polled[0].revents
    if input != 0 || count < 0 { wake.events += readEvents() }
    if input & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 || (input != 0 && hasEnded(wake.events)) {
      isGone = true
      wake.events.append(.hangup)
    }
    wake.events = Self.joiningResizes(wake.events)
    return wake
  }
}

// MARK: - Opening

extension NcursesTerminal {
  private static func usableName(_ wanted: String) throws(TerminalError) -> String {
    if !wanted.isEmpty, cn_probe_terminal(wanted) == 1 { return wanted }
    // `dumb` and its like are known, and said to be unfit.
    if wanted == "dumb" || wanted == "unknown" { throw .noCursorAddressing(name: wanted) }
    // Terminals without a description here are nearly always kin of xterm.
    for name in ["xterm-256color", "xterm", "vt100", "ansi"] {
      switch cn_probe_terminal(name) {
      case 1: return name
      case -1: throw .noTerminalDatabase(name: wanted)
      default: continue
      }
    }
    throw .unknownTerminal(name: wanted)
  }

  private static func readCapabilities(
    name: String, wanted: String, isUnicode: Bool, environment: [String: String]
  ) -> TerminalCapabilities {
    var depth = ColorDepth.monochrome
    // The number of pairs is known only after colours are started.
    if has_colors(), start_color() == cn_ok, cn_colour_pairs() > 1 {
      use_default_colors()
      depth = ColorDepth(colors: Int(cn_colours()), isDirect: cn_is_direct_colour())
    }
    // Fonts of the Linux console have half blocks but no braille.
    let marker: PlotMarker = name.hasPrefix("linux") ? .block : .braille
    return TerminalCapabilities(
      name: name, replacedName: name == wanted ? nil : wanted, depth: depth.obeying(environment: environment),
      isUnicode: isUnicode, hasMouse: cn_has_string("kmous"),
      glyphs: GlyphSet(isUnicode: isUnicode, marker: marker))
  }

  private static func setModes(environment: [String: String]) {
    raw()
    noecho()
    nonl()
    curs_set(0)
    // Short, so that Esc answers at once; on slow lines, where the bytes of a key come apart, ESCDELAY asks for more.
    if environment["ESCDELAY"].flatMap({ Int($0) }) == nil { set_escdelay(25) }
    let window = cn_stdscr()
    keypad(window, true)
    nodelay(window, true)
    leaveok(window, true)
    // A frame is never broken off because a key waits: what it leaves out would stay missing.
    typeahead(-1)
    // Scrolling regions and line shifts save bytes where a panel scrolls.
    idlok(window, true)
    scrollok(window, false)
  }
}

// MARK: - Drawing

/// A style as ncurses takes it.
private struct DrawnStyle {
  let attributes: UInt32
  let pair: Int32
  let background: Int32

  func looksLike(_ other: DrawnStyle, onBlanks cells: [Cell]) -> Bool {
    let visible = cn_underline | cn_reverse
    return background == other.background && (attributes | other.attributes) & visible == 0
      && cells.allSatisfy { $0.character == " " }
  }
}

private struct ColorPair: Hashable {
  let foreground: Int32
  let background: Int32
}

extension NcursesTerminal {
  private func draw(_ run: CellRun, _ style: DrawnStyle, columns: Int) {
    var cells: [cn_cell] = []
    cells.reserveCapacity(run.cells.count)
    var start = run.x
    for (offset, cell) in run.cells.enumerated() where !cell.isContinuation {
      guard run.x + offset + DisplayWidth.of(cell.character) <= columns else { break }
      if cells.isEmpty { start = run.x + offset }
      cells += Self.encoded(cell.character)
    }
    cn_put(Int32(run.y), Int32(start), cells, Int32(cells.count), style.attributes, style.pair)
  }

  /// The character's base and its combining marks; question marks where the C library would give it another
  /// width than the canvas did, since all that follows would be shifted.
  private static func encoded(_ character: Character) -> [cn_cell] {
    var scalars: [UInt32] = []
    for scalar in character.unicodeScalars {
      if scalars.isEmpty {
        scalars.append(scalar.value)
      } else if scalars.count < 5, scalar != "\u{200D}", cn_width(scalar.value) == 0 {
        scalars.append(scalar.value)
      } else {
        break
      }
    }
    let columns = DisplayWidth.of(character)
    guard let base = scalars.first, cn_width(base) == columns else {
      return Array(repeating: cell([UInt32(ascii: "?")]), count: max(1, columns))
    }
    return [cell(scalars)]
  }

  private static func cell(_ scalars: [UInt32]) -> cn_cell {
    func at(_ index: Int) -> UInt32 { index < scalars.count ? scalars[index] : 0 }
    return cn_cell(scalars: (at(0), at(1), at(2), at(3), at(4), 0))
  }

  private func drawn(_ style: CellStyle) -> DrawnStyle {
    if let known = drawnStyles[style] { return known }
    let resolved = theme.resolve(style, depth: capabilities.depth)
    var attributes: UInt32 = 0
    if resolved.attributes.contains(.bold) { attributes |= cn_bold }
    if resolved.attributes.contains(.dim) { attributes |= cn_dim }
    if resolved.attributes.contains(.underline) { attributes |= cn_underline }
    if resolved.attributes.contains(.reverse) { attributes |= cn_reverse }
    let background = number(resolved.background)
    let pair = pair(number(resolved.foreground), background)
    let result = DrawnStyle(attributes: attributes, pair: pair, background: background)
    drawnStyles[style] = result
    return result
  }

  private func number(_ color: ThemeColor) -> Int32 {
    switch color {
    case .terminalDefault: return -1
    case .index(let index): return Int32(index)
    // Direct colour takes 0 to 7 for palette entries: the darkest blues give way.
    case .rgb(let rgb): return max(8, Int32(rgb.hex))
    }
  }

  /// A pair for these colours, made when first needed; the terminal's own colours when none is left.
  private func pair(_ foreground: Int32, _ background: Int32) -> Int32 {
    guard capabilities.depth > .monochrome, foreground >= 0 || background >= 0 else { return 0 }
    let key = ColorPair(foreground: foreground, background: background)
    if let known = pairs[key] { return known }
    let next = Int32(pairs.count + 1)
    guard next < min(cn_colour_pairs(), 32767), init_extended_pair(next, foreground, background) == cn_ok
    else {
      return 0
    }
    pairs[key] = next
    return next
  }

  /// The next frame is drawn whole; ncurses still sends only what differs.
  private func forgetScreen() {
    drawnStyles = [:]
    shown = nil
  }

  /// The next frame is sent whole.
  private func redrawAll() {
    shown = nil
    clearok(cn_curscr(), true)
  }
}

// MARK: - Input

extension NcursesTerminal {
  /// All keys that wait.
  private func readEvents() -> [KeyEvent] {
    var events: [KeyEvent] = []
    // A flood is answered in parts, so that frames are drawn between.
    while events.count < 256, let read = readEvent() {
      hasRead = true
      events += read.compactMap { paste.take($0) }
    }
    return events
  }

  /// What the next character, or the sequence it begins, stands for; nil when none waits.
  private func readEvent() -> [KeyEvent]? {
    var code: UInt32 = 0
    switch cn_get(&code) {
    case cn_err: return nil
    case cn_key_code: return specialKey(Int32(code)).map { [$0] } ?? []
    default: break
    }
    switch code {
    case 0x1B:
      var isFirst = true
      return EscapeParser.parse {
        defer { isFirst = false }
        return nextOfSequence(waits: !isFirst)
      }
    default: return PlainKey.event(for: code).map { [$0] } ?? []
    }
  }

  /// A sequence that has begun goes on: on a slow line a moment later, and its rest must not be taken for keys.
  private func nextOfSequence(waits: Bool) -> UInt32? {
    var code: UInt32 = 0
    if cn_get(&code) == cn_ok { return code }
    var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard waits, poll(&input, 1, 100) > 0, cn_get(&code) == cn_ok else { return nil }
    return code
  }

  private func specialKey(_ code: Int32) -> KeyEvent? {
    switch code {
    case KEY_UP: return .up
    case KEY_DOWN: return .down
    case KEY_LEFT: return .left
    case KEY_RIGHT: return .right
    case KEY_SR: return .shiftUp
    case KEY_SF: return .shiftDown
    case KEY_SLEFT: return .shiftLeft
    case KEY_SRIGHT: return .shiftRight
    case KEY_ENTER: return .enter
    case KEY_BTAB: return .backTab
    case KEY_BACKSPACE: return .backspace
    case KEY_DC, KEY_SDC: return .delete
    case KEY_IC: return .insert
    case KEY_HOME, KEY_SHOME, KEY_FIND: return .home
    case KEY_END, KEY_SEND, KEY_SELECT: return .end
    case KEY_PPAGE, KEY_SPREVIOUS: return .pageUp
    case KEY_NPAGE, KEY_SNEXT: return .pageDown
    case KEY_RESIZE:
      shown = nil
      return resizeEvent()
    case KEY_MOUSE:
      var (x, y): (Int32, Int32) = (0, 0)
      return Self.mouseKind(cn_get_mouse(&x, &y)).map { .mouse($0, x: Int(x), y: Int(y)) }
    case cn_key_f(1)...cn_key_f(63): return .function(Int(code - cn_key_f0))
    default: return nil
    }
  }

  private static func mouseKind(_ kind: cn_mouse_kind) -> MouseKind? {
    switch kind {
    case cn_mouse_press: .press
    case cn_mouse_release: .release
    case cn_mouse_drag: .drag
    case cn_mouse_middle_press: .middlePress
    case cn_mouse_right_press: .rightPress
    case cn_mouse_wheel_up: .wheelUp
    case cn_mouse_wheel_down: .wheelDown
    default: nil
    }
  }

  /// What the signal handlers wrote.
  private func readWakes() -> [KeyEvent] {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(wakeDescriptor, &bytes, bytes.count)
    guard count > 0 else { return [] }
    let seen = Set(bytes.prefix(count))
    var events: [KeyEvent] = []
    // ncurses answers a change of size with a key of its own, which fits its windows first.
    if seen.contains(cn_wake_resize) { events += readEvents() }
    if seen.contains(cn_wake_continue) {
      // Whoever stopped the program from outside left the terminal to a shell, which set its own modes.
      reset_prog_mode()
      if isMouseOn { _ = cn_set_mouse(true) }
      cn_set_bracketed_paste(false)
      cn_set_bracketed_paste(true)
      redrawAll()
      events.append(resizeEvent())
    }
    if seen.contains(cn_wake_hangup) { events.append(.hangup) }
    if seen.contains(cn_wake_terminate) { events.append(.terminate) }
    return events
  }

  private func resizeEvent() -> KeyEvent { .resize(width: size.width, height: size.height) }

  /// True when input is said to wait again and again and there is none: the other end has closed.
  private func hasEnded(_ events: [KeyEvent]) -> Bool {
    var waiting: Int32 = 0
    let isReadable = ioctl(STDIN_FILENO, UInt(FIONREAD), &waiting) == 0
    emptyReads = events.isEmpty && !hasRead && (!isReadable || waiting == 0) ? emptyReads + 1 : 0
    return emptyReads >= 3
  }

  /// The last of several resizes, at the place of the first.
  private static func joiningResizes(_ events: [KeyEvent]) -> [KeyEvent] {
    var last: KeyEvent?
    for case .resize(let width, let height) in events { last = .resize(width: width, height: height) }
    guard let last else { return events }
    var result: [KeyEvent] = []
    var isPlaced = false
    for event in events {
      if case .resize = event {
        if !isPlaced { result.append(last) }
        isPlaced = true
      } else {
        result.append(event)
      }
    }
    return result
  }
}
