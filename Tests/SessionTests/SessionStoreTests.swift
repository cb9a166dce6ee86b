import Compression
import Evaluation
import Foundation
import GRDB
import Session
import Testing

@Suite struct SessionStoreTests {
  let start = Date(timeIntervalSince1970: 1_700_000_000)
  let subject = SessionSubject(
    model: ContentIdentity(digest: "m"), data: ContentIdentity(digest: "d"), machine: "box",
    modelName: "m.onnx",
    dataName: "digits")

  func history(_ shares: [Double]) -> History {
    var history = History(created: start)
    for share in shares { history.visit(.pruned(share), at: start) }
    return history
  }

  @Test func aSessionComesBackAsItWas() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/deep/er/sessions.sqlite"
    var tried = history([0.5])
    do {
      let store = SessionStore(path: path)
      #expect(await store.takeNotice() == nil)
      #expect(await store.isPersistent)
      _ = await store.begin(subject, history: tried, at: start)
      tried.record(.sample(stage: .settled), for: 1)
      tried.toggleMark(of: 1)
      tried.visit(.pruned(0.8), at: start + 1)
      tried.undo()
      await store.save(tried, at: start + 2)
      await store.close(at: start + 3)
    }
    let store = SessionStore(path: path)
    let stored = try #require(await store.latest(model: subject.model, data: subject.data))
    #expect(stored.history == tried)
    #expect(stored.subject == subject)
    #expect(await store.latest(model: subject.data, data: subject.data) == nil)

    await store.resume(stored, at: start)
    tried.redo()
    await store.save(tried, at: start + 9)
    let summaries = await store.sessions()
    #expect(summaries.count == 1)
    #expect(summaries.first?.updated == start + 9 && summaries.first?.variantCount == 3)
    #expect(await store.session(stored.id)?.history.current.recipe == .pruned(0.8))
    await store.delete(session: stored.id)
    #expect(await store.sessions().isEmpty)
  }

  @Test func anUntouchedSessionIsNotOffered() async throws {
    let store = SessionStore(path: nil)
    _ = await store.begin(subject, history: history([]), at: start)
    #expect(await store.latest(model: subject.model, data: subject.data) == nil)
  }

  @Test func theNewestSessionIsOffered() async throws {
    let store = SessionStore(path: nil)
    let old = await store.begin(subject, history: history([0.1]), at: start)
    let new = await store.begin(subject, history: history([0.2]), at: start + 10)
    #expect(old != new)
    #expect(await store.latest(model: subject.model, data: subject.data)?.id == new)
  }

  private func context(
    machine: String = "box", calibration: String = "c", output: String = "y", program: String = "1"
  ) -> MeasurementContext {
    MeasurementContext(
      subject: SessionSubject(
        model: subject.model, data: subject.data, machine: machine, modelName: "m.onnx", dataName: "digits"),
      judgement: ContentIdentity(ofParts: [calibration, output]), program: program)
  }

  @Test func measurementsAreKeptForLaterSessions() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    do {
      let store = SessionStore(path: path)
      await store.remember(.sample(stage: .settled), of: .pruned(0.5), in: context(), at: start)
      await store.remember(.sample(stage: .first), of: .pruned(0.8), in: context(), at: start)
      await store.close(at: start)
    }
    let store = SessionStore(path: path)
    var expected = Readings.sample(stage: .settled)
    expected.measured = start
    #expect(await store.readings(of: .pruned(0.5), in: context()) == expected)
    #expect(await store.readings(of: .pruned(0.8), in: context()) == nil)
    // What was taken from the store is no new measurement.
    await store.remember(expected, of: .pruned(0.6), in: context(), at: start + 1)
    #expect(await store.readings(of: .pruned(0.6), in: context()) == nil)
    await store.remember(.sample(stage: .settled), of: .pruned(0.7), in: context(), at: start + 100 * 86_400)
    #expect(await store.readings(of: .pruned(0.5), in: context()) == nil)
  }

  @Test func measurementsUnderOtherCircumstancesAreNotReused() async throws {
    let store = SessionStore(path: nil)
    await store.remember(.sample(stage: .settled), of: .pruned(0.5), in: context(), at: start)
    #expect(await store.readings(of: .pruned(0.5), in: context()) != nil)
    for other in [
      context(machine: "other"), context(calibration: "d"), context(output: "z"), context(program: "2"),
    ] { #expect(await store.readings(of: .pruned(0.5), in: other) == nil) }
  }

  /// A database of the first version, whose unread measurements go.
  @Test func anOlderDatabaseIsBroughtUpToDate() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    let queue = try DatabaseQueue(path: path)
    try await queue.write { db in
      try db.execute(
        sql: """
          CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
          INSERT INTO grdb_migrations VALUES ('v1');
          CREATE TABLE session (
            id INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, data TEXT NOT NULL, machine TEXT NOT NULL,
            modelName TEXT NOT NULL, dataName TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
            path TEXT NOT NULL, cursor INTEGER NOT NULL);
          CREATE TABLE variant (
            session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE, id INTEGER NOT NULL,
            recipe TEXT NOT NULL, created REAL NOT NULL, mark TEXT, stage TEXT, bytes INTEGER,
            latencyNanoseconds REAL, accuracy REAL, measurement TEXT, PRIMARY KEY (session, id)) WITHOUT ROWID;
          CREATE TABLE measurement (
            model TEXT NOT NULL, data TEXT NOT NULL, machine TEXT NOT NULL, recipe TEXT NOT NULL,
            measurement TEXT NOT NULL, updated REAL NOT NULL,
            PRIMARY KEY (model, data, machine, recipe)) WITHOUT ROWID;
          """)
    }
    let store = SessionStore(path: path)
    #expect(await store.takeNotice() == nil)
    #expect(await store.isPersistent)
    await store.remember(.sample(stage: .settled), of: .pruned(0.5), in: context(), at: start)
    #expect(await store.readings(of: .pruned(0.5), in: context()) != nil)
  }

  @Test func aFolderThatCannotBeMadeLeavesTheSessionInMemory() async throws {
    let folder = try TemporaryFolder()
    try folder.write("a file", to: "state")
    let store = SessionStore(path: folder.path + "/state/paretop/sessions.sqlite")
    let notice = try #require(await store.takeNotice())
    #expect(notice.contains("stays in memory") && notice.contains("XDG_STATE_HOME"))
    #expect(await store.takeNotice() == nil)
    _ = await store.begin(subject, history: history([0.5]), at: start)
    #expect(await !store.isPersistent)
    #expect(await store.latest(model: subject.model, data: subject.data) != nil)
  }

  @Test(arguments: ["this is no database, whatever its name says", ""])
  func aDamagedFileIsKeptAndAFreshOneStarted(text: String) async throws {
    let folder = try TemporaryFolder()
    try folder.write(String(repeating: text, count: 100), to: "sessions.sqlite")
    let path = folder.path + "/sessions.sqlite"
    let store = SessionStore(path: path)
    let notice = await store.takeNotice()
    #expect((notice == nil) == text.isEmpty)
    if notice != nil { #expect(FileManager.default.fileExists(atPath: path + ".damaged-1")) }
    #expect(await store.isPersistent)
    _ = await store.begin(subject, history: history([0.5]), at: start)
    #expect(await store.sessions().count == 1)
  }

  @Test func aDatabaseOfANewerVersionIsLeftAlone() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    await SessionStore(path: path).close(at: start)
    let queue = try DatabaseQueue(path: path)
    try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('v999')") }
    let store = SessionStore(path: path)
    #expect(await store.takeNotice()?.contains("newer version") == true)
    #expect(await !store.isPersistent)
  }

  @Test func aLockedDatabaseLeavesTheSessionInMemoryAndIsWrittenAtTheEnd() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    await SessionStore(path: path).close(at: start)
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: path, configuration: configuration)
    try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
    let store = SessionStore(path: path)
    #expect(await store.takeNotice()?.contains("locked") == true)
    _ = await store.begin(subject, history: history([0.5, 0.6]), at: start)
    try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    await store.close(at: start + 1)
    let again = SessionStore(path: path)
    let stored = try #require(await again.latest(model: subject.model, data: subject.data))
    #expect(stored.history.variants.count == 3)
  }

  /// A table that vanishes stands for any write that fails midway, such as on a full disk.
  @Test func aFailingWriteMovesTheSessionIntoMemoryWithNothingLost() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    let store = SessionStore(path: path)
    var tried = history([0.5])
    _ = await store.begin(subject, history: tried, at: start)
    let other = try DatabaseQueue(path: path)
    try await other.write { try $0.execute(sql: "DROP TABLE variant") }
    tried.visit(.pruned(0.9), at: start)
    await store.save(tried, at: start + 1)
    #expect(await store.takeNotice()?.contains("goes on in memory") == true)
    #expect(await store.latest(model: subject.model, data: subject.data)?.history == tried)
    tried.visit(.pruned(0.95), at: start)
    await store.save(tried, at: start + 2)
    #expect(await store.takeNotice() == nil)
    #expect(await store.latest(model: subject.model, data: subject.data)?.history == tried)
  }

  @Test func theStateFolderFollowsTheStandard() {
    #expect(StatePaths.database(environment: ["XDG_STATE_HOME": "/s"]) == "/s/paretop/sessions.sqlite")
    #expect(
      StatePaths.database(environment: ["XDG_STATE_HOME": "rel", "HOME": "/h"])
        == "/h/.local/state/paretop/sessions.sqlite")
    #expect(StatePaths.database(environment: [:]) == nil)
  }
}

/// A folder that goes when the test ends.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "paretop-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension SessionStoreTests {
  @Test func recipesByFormerNamesComeBackWithANotice() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    do {
      let store = SessionStore(path: path)
      _ = await store.begin(subject, history: history([0.5]), at: start)
      await store.close(at: start)
    }
    let old =
      #"{"model": {"prune": 0.5, "multiple": "1", "numbers": "mx", "scaling": "equalize"}, "layers": {}}"#
    try await DatabaseQueue(path: path).write { db in
      try db.execute(sql: "UPDATE variant SET recipe = ? WHERE id = 1", arguments: [old])
    }
    let store = SessionStore(path: path)
    let stored = try #require(await store.latest(model: subject.model, data: subject.data))
    let recipe = stored.history.variants[1].recipe
    #expect(recipe.model.numberFormat == .microscaling && recipe.model.equalization == .crossLayer)
    let notice = try #require(await store.takeNotice())
    #expect(
      notice == "The earlier session uses former names: \"equalize\" is now \"cross-layer\","
        + " \"scaling\" is now \"equalization\", \"numbers\" is now \"number-format\"")
  }
}
