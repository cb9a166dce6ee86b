import Foundation

/// The sessions in a database, for listing and deleting them. Where `SessionStore` goes on in memory, this throws, and it
/// makes, moves and mends no file.
package struct SessionList: Sendable {
  private let database: SessionDatabase
  private let path: String

  /// - Returns: nil where there is no database yet.
  /// - Throws: `SessionError.unusableStore`.
  package init?(path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    self.path = path
    database = try SessionList.reading(path) { try SessionDatabase(path: path) }
  }

  /// The one last changed first.
  /// - Throws: `SessionError.unusableStore`.
  package func listing() throws -> SessionListing {
    try SessionList.reading(path) { try database.listing() }
  }

  /// Does nothing where there is no such session.
  /// - Throws: `SessionError.unusableStore`.
  package func delete(session id: Int64) throws {
    try SessionList.reading(path) { try database.delete(session: id) }
  }

  private static func reading<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch {
      throw SessionError.unusableStore(path: path, reason: SessionDatabase.reason(error))
    }
  }
}
