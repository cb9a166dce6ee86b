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
    var configuration = Configuration()
    configuration.busyMode = .timeout(1)
    configuration.prepareDatabase { db in
      // Readers and writers of several processes do not block each other, and a crash loses no committed variant.
      try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    }
    try self.init(queue: DatabaseQueue(path: path, configuration: configuration))
  }

  /// A database that lives as long as this value.
  static func inMemory() throws -> SessionDatabase { try SessionDatabase(queue: DatabaseQueue()) }

  private init(queue: DatabaseQueue) throws {
    self.queue = queue
    let migrator = SessionSchema.migrator
    if try queue.read(migrator.hasBeenSuperseded) { throw SchemaError.newerVersion }
    try migrator.migrate(queue)
    // A read-only or locked file opens all the same; asking for the write lock shows it now and not at the first save.
    try queue.inTransaction(.immediate) { _ in .rollback }
  }

  enum SchemaError: Error, CustomStringConvertible {
    case newerVersion
    var description: String { "it was written by a newer version of paretop" }
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

  func save(_ variants: [Variant], path: [Int], cursor: Int, in session: Int64, at date: Date) throws {
    try queue.write { db in
      try db.execute(
        sql: "UPDATE session SET updated = ?, path = ?, cursor = ? WHERE id = ?",
        arguments: [date.timeIntervalSince1970, try RowJSON.text(path), cursor, session])
      for variant in variants { try SessionDatabase.upsert(variant, in: session, db) }
    }
  }

  func delete(session: Int64) throws {
    try queue.write { try $0.execute(sql: "DELETE FROM session WHERE id = ?", arguments: [session]) }
  }

  /// Newest first.
  func summaries() throws -> [SessionSummary] {
    try queue.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT session.*, (SELECT count(*) FROM variant WHERE session = session.id) AS variants
          FROM session ORDER BY updated DESC, id DESC
          """
      ).map { row in
        SessionSummary(
          id: row["id"], subject: SessionDatabase.subject(row),
          created: Date(timeIntervalSince1970: row["created"]),
          updated: Date(timeIntervalSince1970: row["updated"]), variantCount: row["variants"])
      }
    }
  }

  /// The newest session of the model on that data that holds more than the original; nil where there is none or its
  /// rows contradict each other.
  func latest(model: ContentIdentity, data: ContentIdentity) throws -> StoredSession? {
    try queue.read { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT * FROM session WHERE model = ? AND data = ?
            AND (SELECT count(*) FROM variant WHERE session = session.id) > 1
          ORDER BY updated DESC, id DESC LIMIT 1
          """, arguments: [model.digest, data.digest])
      return try row.flatMap { try SessionDatabase.stored($0, db) }
    }
  }

  func session(_ id: Int64) throws -> StoredSession? {
    try queue.read { db in
      let row = try Row.fetchOne(db, sql: "SELECT * FROM session WHERE id = ?", arguments: [id])
      return try row.flatMap { try SessionDatabase.stored($0, db) }
    }
  }

  /// With the time at which they were measured.
  func readings(of recipe: Recipe, in context: MeasurementContext) throws -> Readings? {
    try queue.read { db in
      let row = try Row.fetchOne(
        db, sql: "SELECT readings, date FROM measured WHERE context = ? AND recipe = ?",
        arguments: [context.digest, try RowJSON.text(recipe.normalized)])
      guard let row, var readings = RowJSON.value(Readings.self, row["readings"]) else { return nil }
      readings.measured = Date(timeIntervalSince1970: row["date"])
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

  private static func subject(_ row: Row) -> SessionSubject {
    SessionSubject(
      model: ContentIdentity(digest: row["model"]), data: ContentIdentity(digest: row["data"]),
      machine: row["machine"], modelName: row["modelName"], dataName: row["dataName"])
  }

  private static func stored(_ row: Row, _ db: Database) throws -> StoredSession? {
    let id: Int64 = row["id"]
    let rows = try Row.fetchAll(
      db, sql: "SELECT * FROM variant WHERE session = ? ORDER BY id", arguments: [id])
    let log = RenamingLog()
    let variants = rows.compactMap { row -> Variant? in
      guard let recipe = RowJSON.value(Recipe.self, row["recipe"], log: log) else { return nil }
      let measurement = (row["measurement"] as String?).flatMap { RowJSON.value(Readings.self, $0) }
      let mark = (row["mark"] as String?).flatMap(\.first).flatMap(Mark.init(letter:))
      return Variant(
        id: row["id"], recipe: recipe, measurement: measurement,
        created: Date(timeIntervalSince1970: row["created"]), mark: mark)
    }
    guard let path = RowJSON.value([Int].self, row["path"]),
      let history = History(variants: variants, path: path, cursor: row["cursor"])
    else { return nil }
    return StoredSession(
      id: id, subject: subject(row), created: Date(timeIntervalSince1970: row["created"]), history: history,
      renamings: log.renamings)
  }
}

/// Values as JSON text in a column; equal values give equal text.
enum RowJSON {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// - Parameter log: notes the former names that recipes use.
  static func value<Value: Decodable>(
    _ type: Value.Type, _ text: String, log: RenamingLog? = nil
  ) -> Value? {
    let decoder = JSONDecoder()
    if let log, let key = CodingUserInfoKey.renamings { decoder.userInfo[key] = log }
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try? decoder.decode(type, from: Data(text.utf8))
  }
}
