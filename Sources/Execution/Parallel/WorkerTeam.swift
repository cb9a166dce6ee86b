import Glibc

/// Threads that stand by for the steps of one context, and end with it.
///
/// Unchecked because thread handles are not `Sendable`: they are written by the initializer alone.
final class WorkerTeam: @unchecked Sendable {
  private let core: TeamCore
  private var threads: [pthread_t] = []

  /// Starts `count` threads beside the one that calls `run`; fewer where the system has no more to give, which costs
  /// speed only.
  init(count: Int, memory: RunMemory) {
    core = TeamCore(memory: memory)
    // Signals are for the program's other threads, save those that tell of a fault in this one.
    var blocked = sigset_t()
    var before = sigset_t()
    sigfillset(&blocked)
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP] { sigdelset(&blocked, fault) }
    pthread_sigmask(SIG_BLOCK, &blocked, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    for _ in 0..<count {
      var thread = pthread_t()
      let argument = Unmanaged.passRetained(core)
      let failure = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<TeamCore>.fromOpaque(argument).takeRetainedValue().work()
          return nil
        }, argument.toOpaque())
      guard failure == 0 else {
        argument.release()
        break
      }
      threads.append(thread)
    }
  }

  deinit {
    core.stop(threads: threads.count)
    for thread in threads { pthread_join(thread, nil) }
  }

  /// Runs parts `first..<first + count`, the calling thread taking its share, and returns when all are done.
  /// - Throws: what a part threw.
  func run(first: Int, count: Int) throws { try core.run(first: first, count: count) }
}
