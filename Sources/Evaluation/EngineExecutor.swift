import Dispatch

/// Runs an actor's work on a thread of its own, so that seconds of measuring do not hold up the cooperative pool.
final class EngineExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "paretop.engine", qos: .userInitiated)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
