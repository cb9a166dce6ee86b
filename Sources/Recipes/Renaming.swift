import Synchronization

/// A former name that was met in a recipe, and what it is called now.
package struct Renaming: Hashable, Sendable, CustomStringConvertible {
  package let former: String
  package let present: String

  package var description: String { "\"\(former)\" is now \"\(present)\"" }
}

/// The former names met while recipes were read, each once, in the order in which they came.
package struct Renamings: Hashable, Sendable {
  private var found: [Renaming] = []

  package init() {}

  package var isEmpty: Bool { found.isEmpty }

  package mutating func note(_ former: String, _ present: String) {
    let renaming = Renaming(former: former, present: present)
    if !found.contains(renaming) { found.append(renaming) }
  }

  package mutating func note(_ others: Renamings) {
    for renaming in others.found { note(renaming.former, renaming.present) }
  }

  /// A sentence for a person; nil where no former name was met.
  /// - Parameter place: what was read, such as "the recipe old.toml".
  package func notice(in place: String) -> String? {
    guard !found.isEmpty else { return nil }
    return "\(place) uses former names: \(found.map(\.description).joined(separator: ", "))"
  }
}

/// Where decoders note the former names that they meet, handed to them by `CodingUserInfoKey.renamings`.
package final class RenamingLog: Sendable {
  private let found = Mutex(Renamings())

  package init() {}

  package var renamings: Renamings { found.withLock { $0 } }

  func note(_ others: Renamings) { found.withLock { $0.note(others) } }
}

extension CodingUserInfoKey {
  /// A `RenamingLog`, for those who want to tell of former names.
  package static let renamings = CodingUserInfoKey(rawValue: "paretop.renamings")

}
