import Evaluation
import Foundation
import Session

/// Which stored session this run writes to: a new one from the first save on, or the earlier one taken up.
struct SessionJournal {
  let store: SessionStore
  let opened: OpenedModel
  let machine: MachineDescription
  private var subject: SessionSubject?
  private var found: StoredSession?
  private var hasBegun = false

  init(store: SessionStore, opened: OpenedModel, machine: MachineDescription) {
    self.store = store
    self.opened = opened
    self.machine = machine
  }

  mutating func find(_ post: (Message) -> Void) async {
    let subject = identified()
    found = await store.latest(model: subject.model, data: subject.data)
    if let notice = await store.takeNotice() { post(.storeNotice(notice)) }
    if let found, found.history.variants.count > 1 {
      let updated = await store.sessions().first { $0.id == found.id }?.updated ?? found.created
      post(.sessionFound(found.history, age: Age.text(since: updated), remark: found.remark))
    }
  }

  mutating func takeUp() async {
    guard let found else { return }
    await store.resume(found, at: Date())
    hasBegun = true
  }

  mutating func save(_ history: History, _ post: (Message) -> Void) async {
    if hasBegun {
      await store.save(history, at: Date())
    } else if history.variants.count > 1 {
      hasBegun = true
      _ = await store.begin(identified(), history: history, at: Date())
    }
    if let notice = await store.takeNotice() { post(.storeNotice(notice)) }
  }

  /// Hashing the weights takes a moment, so it is done here, off the screen's thread, and once.
  mutating func identified() -> SessionSubject {
    let known = subject ?? opened.subject(on: machine)
    subject = known
    return known
  }
}
