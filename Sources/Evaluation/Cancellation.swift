import Synchronization

/// A flag that work on any thread can look at: set once, never taken back.
///
/// A task's own cancellation is visible inside the task only, and measuring also runs on threads outside of it.
final class Cancellation: Sendable {
  private let flag = Atomic(false)

  func cancel() { flag.store(true, ordering: .relaxed) }

  /// - Throws: `CancellationError` once cancelled.
  func check() throws {
    if flag.load(ordering: .relaxed) { throw CancellationError() }
  }
}
