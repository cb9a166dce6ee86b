import Compression
import Evaluation
import Foundation
import GRDB
import Recipes

/// Keeps sessions in SQLite, off the caller's thread; never fails and never loses what this run did.
///
/// Where the database cannot be opened or a write fails (read-only home, full disk, damaged or locked file), sessions go
/// on in memory, `takeNotice()` says so in a sentence, and `close()` tries once more to bring them to disk.
package actor SessionStore {
  private var database: SessionDatabase?
  private var notice: String?
  private let path: String?
  private let lock: SessionLock?
  /// The session being worked on: what is written anew when the database had to be given up.
  private var current: StoredSession?
  package private(set) var isPersistent: Bool

  /// Opens the database at `path`; nil keeps sessions in memory on purpose, without a notice.
  package init(path: String?) {
    self.path = path
    guard let path else {
      lock = nil
      database = try? SessionDatabase.inMemory()
      isPersistent = false
      return
    }
    let opened = SessionStore.open(path)
    notice = opened.notice
    isPersistent = opened.database != nil
    lock = opened.database.map { _ in SessionLock(path: path + ".lock") }
    database = opened.database ?? (try? SessionDatabase.inMemory())
  }

  /// A sentence for the person about something that went wrong since the last call; nil where all is well.
  package func takeNotice() -> String? {
    defer { notice = nil }
    return notice
  }

  /// Starts a session; its variants are saved under it from now on.
  package func begin(_ subject: SessionSubject, history: History, at date: Date) -> Int64 {
    let id = attempt { try $0.insert(subject, history: history, at: date) } ?? 1
    if isPersistent { _ = lock?.hold(id) }
    current = StoredSession(id: id, subject: subject, created: date, history: history)
    return id
  }

  /// Takes up a stored session again; later saves go to it, or to a copy where the session has to stay as it is: rows of it
  /// cannot be read, or another run of the program writes to it.
  package func resume(_ session: StoredSession, at date: Date) {
    if !session.isMended, lock?.hold(session.id) ?? true {
      current = session
    } else {
      _ = begin(session.subject, history: session.history, at: date)
    }
  }

  /// Writes the current session's changed variants and the way through them. Does nothing before `begin` or `resume`.
  package func save(_ history: History, at date: Date) {
    guard let session = current else { return }
    let known = session.history.variants
    let changed = history.variants.enumerated()
      .filter { $0.offset >= known.count || known[$0.offset] != $0.element }.map(\.element)
    current?.history = history
    // Where the write fails, the memory database that takes over receives the whole of `current`.
    let isThere = attempt {
      try $0.save(changed, path: history.path, cursor: history.cursor, in: session.id, at: date)
    }
    // Deleted by another run of the program: it begins anew with all that it holds.
    if isPersistent, isThere == false { _ = begin(session.subject, history: history, at: date) }
  }

  /// Sessions, the one last changed first.
  package func sessions() -> [SessionSummary] {
    let listing = attempt { try $0.listing() }
    if notice == nil { notice = listing?.notice }
    return listing?.sessions ?? []
  }

  /// The session of this model on this data that was changed last and tried something; nil where there is none.
  package func latest(model: ContentIdentity, data: ContentIdentity) -> StoredSession? {
    var found = attempt { try $0.latest(model: model, data: data) } ?? nil
    if let id = found?.id { found?.isOpenElsewhere = lock?.isHeldElsewhere(id) ?? false }
    if notice == nil { notice = found?.renamings.notice(in: "The earlier session") }
    return found
  }

  package func session(_ id: Int64) -> StoredSession? { attempt { try $0.session(id) } ?? nil }

  package func delete(session id: Int64) {
    attempt { try $0.delete(session: id) }
    if current?.id == id { current = nil }
  }

  /// What was measured earlier under the same circumstances, with the time; nil where nothing was.
  package func readings(of recipe: Recipe, in context: MeasurementContext) -> Readings? {
    attempt { try $0.readings(of: recipe, in: context) } ?? nil
  }

  /// Keeps settled readings for later sessions; others are not kept.
  package func remember(
    _ readings: Readings, of recipe: Recipe, in context: MeasurementContext, at date: Date
  ) {
    guard readings.stage == .settled, readings.measured == nil else { return }
    let oldest = date.addingTimeInterval(-SessionStore.secondsKept)
    attempt { try $0.store(readings, of: recipe, in: context, at: date, oldest: oldest) }
  }

  /// Ninety days: a build of the program rarely lives longer.
  private static let secondsKept = 90.0 * 86_400

  /// Brings a session that could only be kept in memory to disk if that has become possible, and closes the database.
  package func close(at date: Date) {
    if !isPersistent, let path, let current, current.history.variants.count > 1,
      let disk = try? SessionDatabase(path: path)
    {
      _ = try? disk.insert(current.subject, history: current.history, at: date)
    }
    database = nil
  }

  /// Runs one database call; a failure on disk moves the session into memory and runs the call there.
  @discardableResult
  private func attempt<Value>(_ body: (SessionDatabase) throws -> Value) -> Value? {
    guard let database else { return nil }
    do { return try body(database) } catch {
      guard isPersistent else { return nil }
      notice =
        "The session can no longer be saved to \(path ?? "disk") (\(SessionDatabase.reason(error))); "
        + "it goes on in memory. Free some space or export what you need before you quit."
      return moveToMemory().flatMap { try? body($0) }
    }
  }

  private func moveToMemory() -> SessionDatabase? {
    isPersistent = false
    database = try? SessionDatabase.inMemory()
    if let session = current, let database {
      if let id = try? database.insert(session.subject, history: session.history, at: session.created) {
        current = StoredSession(
          id: id, subject: session.subject, created: session.created, history: session.history)
      }
    }
    return database
  }
}

extension SessionStore {
  private static func open(_ path: String) -> (database: SessionDatabase?, notice: String?) {
    let folder = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      return (try SessionDatabase(path: path), nil)
    } catch {
      if isDamaged(error), let kept = moveAside(path), let fresh = try? SessionDatabase(path: path) {
        return (fresh, "The session file was damaged; it was kept as \(kept) and a new one was started.")
      }
      return (
        nil,
        "Sessions cannot be kept in \(path) (\(SessionDatabase.reason(error))); this one stays in memory. "
          + "Make the folder writable, move a file away that is not this program's, or set XDG_STATE_HOME to another folder."
      )
    }
  }

  private static func isDamaged(_ error: any Error) -> Bool {
    guard let error = error as? DatabaseError else { return false }
    return [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
  }

  /// Renames a damaged file, with what SQLite keeps beside it, to the first free name.
  private static func moveAside(_ path: String) -> String? {
    let files = FileManager.default
    guard
      let kept = (1...99).map({ "\(path).damaged-\($0)" }).first(where: { !files.fileExists(atPath: $0) }),
      (try? files.moveItem(atPath: path, toPath: kept)) != nil
    else { return nil }
    for suffix in ["-wal", "-shm"] where files.fileExists(atPath: path + suffix) {
      try? files.moveItem(atPath: path + suffix, toPath: kept + suffix)
    }
    return kept
  }
}
