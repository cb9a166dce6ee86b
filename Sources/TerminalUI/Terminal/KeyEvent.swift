/// What the mouse did.
package enum MouseKind: Hashable, Sendable {
  case press, release, drag, middlePress, rightPress, wheelUp, wheelDown
}

/// One thing the person, or the terminal, did.
package enum KeyEvent: Hashable, Sendable {
  /// A printable character; the space bar too.
  case character(Character)
  case up, down, left, right
  case shiftUp, shiftDown, shiftLeft, shiftRight
  case enter, escape, tab, backTab, backspace, delete, insert
  case home, end, pageUp, pageDown
  /// F1 is `function(1)`.
  case function(Int)
  /// A letter with Ctrl, in lower case.
  case control(Character)
  case mouse(MouseKind, x: Int, y: Int)
  case resize(width: Int, height: Int)
  /// Text that was pasted, as a whole; lines end in "\n".
  case paste(String)
  /// What stands before and after such text; a driver takes both away.
  case pasteBracket(opens: Bool)
  /// What the terminal answered about its own ground.
  case background(isLight: Bool)
  /// The terminal is gone: end, and write nothing to it.
  case hangup
  /// The program was asked to end (SIGTERM, SIGINT).
  case terminate
}
