import Synchronization

/// Finished results by key, up to a total cost; the least recently used go first. Safe to share between tasks.
final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry {
    var value: Value
    var cost: Int
    var used: Int
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var total = 0
    var clock = 0
  }

  private let capacity: Int
  private let cost: @Sendable (Value) -> Int
  private let state = Mutex(State())

  /// - Parameter cost: what a value counts towards `capacity`; a value above the capacity is not kept.
  init(capacity: Int, cost: @escaping @Sendable (Value) -> Int) {
    self.capacity = capacity
    self.cost = cost
  }

  /// The kept value, or a new one made outside the lock; two tasks may make the same one at once.
  func value(for key: Key, make: () throws -> Value) rethrows -> Value {
    if let kept = self[key] { return kept }
    let made = try make()
    self[key] = made
    return made
  }

  subscript(key: Key) -> Value? {
    get {
      state.withLock { state in
        guard let entry = state.entries[key] else { return nil }
        state.clock += 1
        state.entries[key]?.used = state.clock
        return entry.value
      }
    }
    set {
      state.withLock { state in
        if let old = state.entries.removeValue(forKey: key) { state.total -= old.cost }
        guard let newValue else { return }
        let cost = cost(newValue)
        guard cost <= capacity else { return }
        state.clock += 1
        state.entries[key] = Entry(value: newValue, cost: cost, used: state.clock)
        state.total += cost
        if state.total > capacity { Self.evict(&state, downTo: capacity / 4 * 3) }
      }
    }
  }

  /// Down to three quarters at once, so that a full cache is not sorted at every insertion.
  private static func evict(_ state: inout State, downTo limit: Int) {
    for (key, entry) in state.entries.sorted(by: { $0.value.used < $1.value.used }) {
      if state.total <= limit || entry.used == state.clock { return }
      state.entries.removeValue(forKey: key)
      state.total -= entry.cost
    }
  }
}
