import Synchronization

/// A result made when it is first asked for, then kept; an error is kept as well.
final class Deferred<Value: Sendable>: Sendable {
  private let kept = Mutex<Result<Value, any Error>?>(nil)
  private let make: @Sendable () throws -> Value

  init(_ make: @escaping @Sendable () throws -> Value) { self.make = make }

  func get() throws -> Value {
    try kept.withLock { kept in
      if let kept { return kept }
      let made = Result { try make() }
      kept = made
      return made
    }.get()
  }
}
