import Evaluation
import Foundation
import GRDB
import Session
import Testing

/// What `paretop sessions` lists and deletes; a file that it cannot use is told of and left as it is.
@Suite struct SessionListTests {
  private let start = Date(timeIntervalSince1970: 1_700_000_000)

  private func database(_ folder: TemporaryFolder) async -> String {
    let path = folder.path + "/sessions.sqlite"
    let store = SessionStore(path: path)
    for (name, shares) in [("a.onnx", [0.5]), ("b.onnx", [0.1, 0.2])] {
      let subject = SessionSubject(
        model: ContentIdentity(digest: name), data: ContentIdentity(digest: "d"), machine: "box",
        modelName: name, dataName: "digits")
      var history = History(created: start)
      for share in shares { history.visit(.pruned(share), at: start) }
      _ = await store.begin(subject, history: history, at: start + Double(shares.count))
    }
    await store.close(at: start)
    return path
  }

  private func expectUnusable(_ path: String, naming words: String..., after body: () throws -> Void = {}) {
    do {
      try body()
      _ = try SessionList(path: path)?.listing()
      Issue.record("\(path) was read")
    } catch {
      for word in words { #expect("\(error)".contains(word), "\(error)") }
      #expect("\(error)".contains(path) && "\(error)".contains("XDG_STATE_HOME"), "\(error)")
    }
  }

  @Test func sessionsAreListedAndDeleted() async throws {
    let folder = try TemporaryFolder()
    let path = await database(folder)
    let list = try #require(try SessionList(path: path))
    let sessions = try list.listing().sessions
    #expect(sessions.map(\.subject.modelName) == ["b.onnx", "a.onnx"])
    #expect(sessions.map(\.variantCount) == [3, 2])
    try list.delete(session: sessions[0].id)
    try list.delete(session: 99)
    #expect(try list.listing().sessions == [sessions[1]])
    let left = try await DatabaseQueue(path: path).read { db in
      try Int.fetchOne(db, sql: "SELECT count(*) FROM variant")
    }
    #expect(left == 2)
  }

  @Test func aSessionThatIsDeletedWhileItRunsLosesNothing() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    let store = SessionStore(path: path)
    let subject = SessionSubject(
      model: ContentIdentity(digest: "m"), data: ContentIdentity(digest: "d"), machine: "box",
      modelName: "m.onnx", dataName: "digits")
    var history = History(created: start)
    history.visit(.pruned(0.1), at: start)
    let first = await store.begin(subject, history: history, at: start)
    let list = try #require(try SessionList(path: path))
    try list.delete(session: first)
    for share in [0.2, 0.3] {
      history.visit(.pruned(share), at: start)
      await store.save(history, at: start + 1)
    }
    #expect(await store.takeNotice() == nil)
    #expect(try list.listing().sessions.map(\.variantCount) == [4])
    #expect(await store.latest(model: subject.model, data: subject.data)?.history == history)
  }

  @Test func noFileIsNoSessionAndNoneIsMade() throws {
    let folder = try TemporaryFolder()
    #expect(try SessionList(path: folder.path + "/sessions.sqlite") == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func aFileThatIsNoDatabaseStaysWhereItIs() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    try folder.write(String(repeating: "ten years of notes ", count: 100), to: "sessions.sqlite")
    expectUnusable(path, naming: "not a database")
    #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("ten years"))
    #expect(throws: SessionError.self) { try SessionList(path: folder.path) }
  }

  @Test func anotherProgramsDatabaseGetsNoTables() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    let queue = try DatabaseQueue(path: path)
    try await queue.write { try $0.execute(sql: "CREATE TABLE recipe (title TEXT)") }
    expectUnusable(path, naming: "another program")
    let tables = try await queue.read { db in
      try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    #expect(tables == ["recipe"])
    #expect(await SessionStore(path: path).takeNotice()?.contains("another program") == true)
  }

  @Test func aNewerDatabaseSaysSo() async throws {
    let folder = try TemporaryFolder()
    let path = await database(folder)
    try await DatabaseQueue(path: path).write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('v999')")
    }
    expectUnusable(path, naming: "newer version")
  }

  /// SQLite keeps any value in any column: what a row should not hold is an error, not a trap.
  @Test(arguments: [
    "UPDATE session SET updated = 'yesterday'", "UPDATE session SET created = -1e300",
    "UPDATE session SET updated = 9e999", "UPDATE session SET modelName = x'ff'",
    "ALTER TABLE session RENAME COLUMN machine TO host",
  ])
  func strangeRowsAreToldOf(change: String) async throws {
    let folder = try TemporaryFolder()
    let path = await database(folder)
    let count = try #require(try SessionList(path: path)).listing().sessions.count
    try await DatabaseQueue(path: path).write { try $0.execute(sql: change) }
    let listing = try #require(try SessionList(path: path)).listing()
    #expect(listing.sessions.isEmpty && listing.unreadable == count && listing.notice != nil)
    let store = SessionStore(path: path)
    let identity = ContentIdentity(digest: "a.onnx")
    _ = await store.latest(model: identity, data: ContentIdentity(digest: "d"))
    #expect(await store.sessions().isEmpty)
    #expect(await store.takeNotice() != nil)
  }

  @Test func aMissingTableIsToldOf() async throws {
    let folder = try TemporaryFolder()
    let path = await database(folder)
    try await DatabaseQueue(path: path).write { try $0.execute(sql: "DROP TABLE variant") }
    expectUnusable(path)
    let store = SessionStore(path: path)
    #expect(await store.sessions().isEmpty)
    #expect(await store.takeNotice() != nil)
  }
}
