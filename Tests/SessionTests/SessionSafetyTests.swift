import Compression
import Evaluation
import Foundation
import GRDB
import Recipes
import Session
import Testing

/// Sessions that two runs of the program want, and stores that something else has written to.
@Suite("Session safety")
struct SessionSafetyTests {
  private let start = Date(timeIntervalSince1970: 1_700_000_000)
  private let subject = SessionSubject(
    model: ContentIdentity(digest: "m"), data: ContentIdentity(digest: "d"), machine: "box",
    modelName: "m.onnx", dataName: "digits")

  private func history(_ shares: [Double]) -> History {
    var history = History(created: start)
    for share in shares { history.visit(.pruned(share), at: start) }
    return history
  }

  private func latest(_ store: SessionStore) async throws -> StoredSession {
    try #require(await store.latest(model: subject.model, data: subject.data))
  }

  @Test func twoRunsNeverWriteOneSession() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    let first = SessionStore(path: path)
    let id = await first.begin(subject, history: history([0.1]), at: start)
    let second = SessionStore(path: path)
    let found = try await latest(second)
    #expect(found.id == id && found.isOpenElsewhere)
    #expect(found.remark?.contains("copy") == true)
    await second.resume(found, at: start + 1)
    await second.save(history([0.1, 0.2]), at: start + 2)
    await first.save(history([0.1, 0.3]), at: start + 3)
    #expect(await first.session(id)?.history == history([0.1, 0.3]))
    #expect(await first.sessions().count == 2)
    #expect(try await latest(first).isOpenElsewhere == false)
  }

  @Test func aSessionIsFreeOnceItsRunHasEnded() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    do {
      let store = SessionStore(path: path)
      _ = await store.begin(subject, history: history([0.1]), at: start)
      await store.close(at: start)
    }
    let store = SessionStore(path: path)
    let found = try await latest(store)
    #expect(!found.isOpenElsewhere && found.remark == nil)
    await store.resume(found, at: start)
    await store.save(history([0.1, 0.2]), at: start + 1)
    #expect(await store.sessions().count == 1)
  }

  /// What is done to the rows, and how many of the five configurations are left.
  @Test(arguments: [
    ("UPDATE variant SET recipe = '{' WHERE id = 2", 4, 1), ("DELETE FROM variant WHERE id = 2", 4, 0),
    ("UPDATE variant SET recipe = x'fffefd' WHERE id = 3", 4, 1),
    ("UPDATE variant SET created = 'x' WHERE id = 1", 4, 1), ("UPDATE variant SET mark = 'A'", 5, 0),
    ("UPDATE session SET cursor = 99", 5, 0), ("UPDATE session SET cursor = 'abc'", 5, 0),
    ("UPDATE session SET cursor = -9223372036854775808, path = '[7,-1,2]'", 5, 0),
    ("UPDATE session SET path = 'nothing'", 5, 0), ("DELETE FROM variant WHERE id = 0", 5, 0),
  ])
  func aBadRowHidesNoOther(sql: String, count: Int, unreadable: Int) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    let id = await SessionStore(path: path).begin(
      subject, history: history([0.1, 0.2, 0.3, 0.4]), at: start)
    try await DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
    let store = SessionStore(path: path)
    let found = try await latest(store)
    #expect(found.isMended && found.unreadable == unreadable && found.history.variants.count == count)
    #expect(found.remark?.contains("stays as it is") == true)
    #expect(await store.isPersistent)
    let kept = Set(found.history.variants.map(\.recipe))
    #expect(kept.isSubset(of: history([0.1, 0.2, 0.3, 0.4]).variants.map(\.recipe)))
    // What cannot be read is left where it is.
    let rows = try await rows(path, of: id)
    await store.resume(found, at: start)
    await store.save(found.history, at: start + 1)
    #expect(try await self.rows(path, of: id) == rows)
    #expect(await store.sessions().count == 2)
  }

  private func rows(_ path: String, of session: Int64) async throws -> [String] {
    try await DatabaseQueue(path: path).read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM variant WHERE session = ?", arguments: [session]).map {
        "\($0)"
      }
    }
  }

  @Test func aStoreIsForItsOwnerAlone() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/state/paretop/sessions.sqlite"
    let store = SessionStore(path: path)
    _ = await store.begin(subject, history: history([0.1]), at: start)
    func permissions(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try permissions((path as NSString).deletingLastPathComponent) == 0o700)
    for suffix in ["", "-wal", "-shm", ".lock"] {
      #expect(try permissions(path + suffix) == 0o600, "\(suffix)")
    }
  }

  @Test func aPipeIsNotWaitedFor() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/sessions.sqlite"
    #expect(mkfifo(path, 0o600) == 0)
    let store = SessionStore(path: path)
    #expect(await store.takeNotice()?.contains("a pipe or a device") == true)
    #expect(await !store.isPersistent)
  }
}
