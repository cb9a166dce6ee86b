import TerminalUI

/// The parts that every screen has around it: a header, its body, a status line and a footer.
package struct ShellLayout: Sendable {
  package let header: Rect
  package let body: Rect
  package let status: Rect
  package let footer: Rect

  package init(_ terminal: Size) {
    let rows = Rect(width: terminal.width, height: terminal.height)
      .rows([.fixed(1), .flexible(1), .fixed(1), .fixed(1)])
    header = rows[0]
    body = rows[1]
    status = rows[2]
    footer = rows[3]
  }
}
