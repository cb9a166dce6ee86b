import Foundation

/// How long ago something was, in the largest unit that is not zero.
package enum Age {
  package static func text(since date: Date, now: Date = Date()) -> String {
    let seconds = Int(min(max(0, now.timeIntervalSince(date)), 1e12))
    let units = [("day", 86_400), ("hour", 3_600), ("minute", 60)]
    for (name, length) in units where seconds >= length {
      let count = seconds / length
      return count == 1 ? "1 \(name) ago" : "\(count) \(name)s ago"
    }
    return "just now"
  }
}
