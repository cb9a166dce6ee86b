import Foundation
import TerminalUI

/// The notices of this run, wrapped, each after its age.
struct NoticesView: ScrolledLines {
  private let entries: [NoticeLog.Entry]
  private let now: Date

  /// Room for "59 minutes ago", a mark and the blanks between them.
  private static let indent = 17

  init(_ state: WorkbenchState) {
    entries = state.notices.entries.reversed()
    now = state.now
  }

  func size(in screen: Size) -> Size {
    let width = min(96, screen.width - 6)
    return Size(width: width, height: min(lines(width: width).count, screen.height - 4))
  }

  func lines(width: Int) -> [[Span]] {
    if entries.isEmpty { return [[Span("Nothing was said yet.", .muted)]] }
    return entries.flatMap { entry in
      let times = entry.count == 1 ? "" : " (\(entry.count) times)"
      let words = WordWrap.lines(entry.notice.text + times, width: max(1, width - Self.indent))
      return words.enumerated().map { place, line in
        let age = place == 0 ? Age.text(since: entry.shown, now: now) : ""
        return [
          Span(age.fitted(to: Self.indent - 2), .muted),
          Span(place == 0 && entry.notice.kind == .problem ? "! " : "  ", .bad),
          Span(line, entry.notice.kind.style),
        ]
      }
    }
  }
}
