import Synchronization

/// A value made when it is first asked for; others who ask meanwhile wait for it. A failure is tried again.
final class Once<Value: Sendable>: Sendable {
  private let state = Mutex<Value?>(nil)

  func value(_ make: () throws -> Value) rethrows -> Value {
    try state.withLock { state in
      if let value = state { return value }
      let value = try make()
      state = value
      return value
    }
  }
}
