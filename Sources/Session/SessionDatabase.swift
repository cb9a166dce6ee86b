import Compression
import Evaluation
import Foundation
import GRDB
import Recipes

/// Reads and writes sessions in one SQLite database; every call is one transaction.
struct SessionDatabase: Sendable {
  private let queue: DatabaseQueue

  /// Opens or creates the database file and brings its schema up to date.
  /// - Throws: what SQLite reports, or `SchemaError` for a database of a newer version.
  init(path: String) throws {
    try SessionDatabase.makePrivateFile(path)
    var configuration = Configuration()
    configuration.busyMode = .timeout(1)
    configuration.prepareDatabase { db in
      // Readers and writers of several processes do not block each other, and a crash loses no committed variant.
      try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    }
    try self.init(queue: DatabaseQueue(path: path, configuration: configuration))
  }

  /// Makes the file where there is none, for its owner alone; what SQLite keeps beside it gets the same permissions.
  private static func makePrivateFile(_ path: String) throws {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else { throw SchemaError.noFile }
      return
    }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor >= 0 { close(descriptor) }
  }

  /// A database that lives as long as this value.
  static func inMemory() throws -> SessionDatabase { try SessionDatabase(queue: DatabaseQueue()) }

  private init(queue: DatabaseQueue) throws {
    self.queue = queue
    let migrator = SessionSchema.migrator
    if try queue.read(migrator.hasBeenSuperseded) { throw SchemaError.newerVersion }
    if try queue.read(SessionDatabase.isForeign) { throw SchemaError.foreign }
    try migrator.migrate(queue)
    // A read-only or locked file opens all the same; asking for the write lock shows it now and not at the first save.
    try queue.inTransaction(.immediate) { _ in .rollback }
  }

  enum SchemaError: Error, CustomStringConvertible {
    case newerVersion
    case foreign
    case strangeRow
    case noFile

    var description: String {
      switch self {
      case .newerVersion: "it was written by a newer version of paretop"
      case .foreign: "it holds the tables of another program"
      case .noFile: "it is a folder, a pipe or a device"
      case .strangeRow: "a row holds what paretop never writes"
      }
    }
  }

  /// Whether the file has tables, but none that a migration of ours made.
  private static func isForeign(_ db: Database) throws -> Bool {
    let tables = try String.fetchAll(
      db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return !tables.isEmpty && !tables.contains("grdb_migrations")
  }

  /// What went wrong with a database, for people.
  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as DatabaseError: error.message ?? "SQLite error \(error.resultCode.rawValue)"
    case let error as SchemaError: error.description
    case is RowDecodingError: SchemaError.strangeRow.description
    default: error.localizedDescription
    }
  }

  func insert(_ subject: SessionSubject, history: History, at date: Date) throws -> Int64 {
    try queue.write { db in
      try db.execute(
        sql: """
          INSERT INTO session (model, data, machine, modelName, dataName, created, updated, path, cursor)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          subject.model.digest, subject.data.digest, subject.machine, subject.modelName, subject.dataName,
          date.timeIntervalSince1970, date.timeIntervalSince1970, try RowJSON.text(history.path),
          history.cursor,
        ])
      let session = db.lastInsertedRowID
      for variant in history.variants { try SessionDatabase.upsert(variant, in: session, db) }
      return session
    }
  }

  /// - Returns: whether the session is there; nothing is written where it is not.
  func save(_ variants: [Variant], path: [Int], cursor: Int, in session: Int64, at date: Date) throws -> Bool
  {
    try queue.write { db in
      try db.execute(
        sql: "UPDATE session SET updated = ?, path = ?, cursor = ? WHERE id = ?",
        arguments: [date.timeIntervalSince1970, try RowJSON.text(path), cursor, session])
      guard db.changesCount > 0 else { return false }
      for variant in variants { try SessionDatabase.upsert(variant, in: session, db) }
      return true
    }
  }

  func delete(session: Int64) throws {
    try queue.write { try $0.execute(sql: "DELETE FROM session WHERE id = ?", arguments: [session]) }
  }

  /// Newest first.
  func listing() throws -> SessionListing {
    try queue.read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT session.*, (SELECT count(*) FROM variant WHERE session = session.id) AS variants
          FROM session ORDER BY updated DESC, id DESC
          """
      )
      let sessions = rows.compactMap { try? SessionDatabase.summary($0) }
      return SessionListing(sessions: sessions, unreadable: rows.count - sessions.count)
    }
  }

  private static func summary(_ row: Row) throws -> SessionSummary {
    SessionSummary(
      id: try row.decode(forColumn: "id"), subject: try subject(row), created: try date(row, "created"),
      updated: try date(row, "updated"), variantCount: try row.decode(forColumn: "variants"))
  }

  /// The newest session of the model on that data that holds more than the original and can be read; nil where there is
  /// none.
  func latest(model: ContentIdentity, data: ContentIdentity) throws -> StoredSession? {
    try queue.read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT * FROM session WHERE model = ? AND data = ?
            AND (SELECT count(*) FROM variant WHERE session = session.id) > 1
          ORDER BY updated DESC, id DESC
          """, arguments: [model.digest, data.digest])
      while let row = try rows.next() {
        if let found = try? SessionDatabase.stored(row.copy(), db), found.history.variants.count > 1 {
          return found
        }
      }
      return nil
    }
  }

  func session(_ id: Int64) throws -> StoredSession? {
    try queue.read { db in
      let row = try Row.fetchOne(db, sql: "SELECT * FROM session WHERE id = ?", arguments: [id])
      return row.flatMap { try? SessionDatabase.stored($0, db) }
    }
  }

  /// With the time at which they were measured.
  func readings(of recipe: Recipe, in context: MeasurementContext) throws -> Readings? {
    try queue.read { db in
      let row = try Row.fetchOne(
        db, sql: "SELECT readings, date FROM measured WHERE context = ? AND recipe = ?",
        arguments: [context.digest, try RowJSON.text(recipe.normalized)])
      guard let row, var readings = RowJSON.value(Readings.self, try row.decode(forColumn: "readings"))
      else { return nil }
      readings.measured = try SessionDatabase.date(row, "date")
      return readings
    }
  }

  /// Keeps readings, and lets go of those that are older than `oldest`.
  func store(
    _ readings: Readings, of recipe: Recipe, in context: MeasurementContext, at date: Date, oldest: Date
  ) throws {
    try queue.write { db in
      try db.execute(
        sql: "DELETE FROM measured WHERE date < ?", arguments: [oldest.timeIntervalSince1970])
      try db.execute(
        sql: "INSERT OR REPLACE INTO measured VALUES (?, ?, ?, ?)",
        arguments: [
          context.digest, try RowJSON.text(recipe.normalized), try RowJSON.text(readings),
          date.timeIntervalSince1970,
        ])
    }
  }

  private static func upsert(_ variant: Variant, in session: Int64, _ db: Database) throws {
    let measurement = variant.measurement
    try db.execute(
      sql: "INSERT OR REPLACE INTO variant VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        session, variant.id, try RowJSON.text(variant.recipe), variant.created.timeIntervalSince1970,
        variant.mark?.description, measurement?.stage.rawValue, measurement?.size.bytes,
        measurement?.latency?.p50, measurement?.accuracy?.value, try measurement.map { try RowJSON.text($0) },
      ])
  }

  private static func subject(_ row: Row) throws -> SessionSubject {
    SessionSubject(
      model: ContentIdentity(digest: try row.decode(forColumn: "model")),
      data: ContentIdentity(digest: try row.decode(forColumn: "data")),
      machine: try row.decode(forColumn: "machine"), modelName: try row.decode(forColumn: "modelName"),
      dataName: try row.decode(forColumn: "dataName"))
  }

  /// - Throws: `SchemaError.strangeRow` for what is no time since 1970 of at most some thousand years.
  private static func date(_ row: Row, _ column: String) throws -> Date {
    let seconds: Double = try row.decode(forColumn: column)
    guard (0...1e11).contains(seconds) else { throw SchemaError.strangeRow }
    return Date(timeIntervalSince1970: seconds)
  }

  /// The session with every row that can be read.
  /// - Throws: `SchemaError.strangeRow` where the row of the session itself tells too little.
  private static func stored(_ row: Row, _ db: Database) throws -> StoredSession {
    let id: Int64 = try row.decode(forColumn: "id")
    let rows = try Row.fetchAll(
      db, sql: "SELECT * FROM variant WHERE session = ? ORDER BY id", arguments: [id])
    let log = RenamingLog()
    let variants = rows.compactMap { try? variant($0, log) }
    let path = (try? row.decode(String.self, forColumn: "path")).flatMap { RowJSON.value([Int].self, $0) }
    let cursor = try? row.decode(Int.self, forColumn: "cursor")
    let created = try date(row, "created")
    let whole = path.flatMap { path in cursor.flatMap { History(variants: variants, path: path, cursor: $0) }
    }
    return StoredSession(
      id: id, subject: try subject(row), created: created,
      history: whole
        ?? History(mending: variants, path: path ?? [], cursor: cursor ?? Int.max, created: created),
      renamings: log.renamings, unreadable: rows.count - variants.count,
      isMended: whole == nil || rows.count > variants.count)
  }

  private static func variant(_ row: Row, _ log: RenamingLog) throws -> Variant {
    guard let recipe = RowJSON.value(Recipe.self, try row.decode(forColumn: "recipe"), log: log) else {
      throw SchemaError.strangeRow
    }
    let measurement: String? = try row.decode(forColumn: "measurement")
    let mark: String? = try row.decode(forColumn: "mark")
    return Variant(
      id: try row.decode(forColumn: "id"), recipe: recipe,
      measurement: measurement.flatMap { RowJSON.value(Readings.self, $0) },
      created: try date(row, "created"), mark: mark.flatMap(\.first).flatMap(Mark.init(letter:)))
  }
}
