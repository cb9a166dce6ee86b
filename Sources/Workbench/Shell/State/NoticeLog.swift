import Foundation

/// The sentences that were shown in this run, so that they can be read again.
package struct NoticeLog: Sendable {
  package struct Entry: Sendable, Hashable {
    package let notice: Notice
    /// When it was shown last.
    package fileprivate(set) var shown: Date
    /// How often in a row.
    package fileprivate(set) var count = 1
  }

  /// Oldest first.
  package private(set) var entries: [Entry] = []

  package init() {}

  mutating func add(_ notice: Notice, at date: Date) {
    if let last = entries.indices.last, entries[last].notice == notice {
      entries[last].shown = date
      entries[last].count += 1
    } else {
      entries.append(Entry(notice: notice, shown: date))
    }
  }
}
