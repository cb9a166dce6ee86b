import Foundation
import TerminalUI

/// How far a long verb has come, on standard error where that is a terminal.
struct ProgressBar {
  private let total: Int
  private let isShown = isatty(STDERR_FILENO) == 1

  init(total: Int) { self.total = total }

  func show(_ done: Int, _ label: String) {
    guard isShown, total > 0 else { return }
    let width = 30
    let full = min(width, width * done / total)
    let bar = String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
    write("\r[\(bar)] \(done)/\(total)  \(label.inOneLine.fitted(to: 24))")
  }

  func note(_ text: String) {
    write(isShown ? "\r\(text.inOneLine.fitted(to: 72))\n" : text.showingControls + "\n")
  }

  func end() { if isShown { write("\n") } }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
