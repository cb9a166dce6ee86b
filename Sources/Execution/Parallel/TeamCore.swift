import Glibc
import Kernels
import Synchronization

/// What the threads of a team share: which parts wait to be run, and how many are done.
///
/// Parts are fixed when the plan is made; which thread runs one is not. A thread that the system holds up thus
/// delays a run by no more than the part it holds. No lock is taken: a part is claimed by one compare-and-swap.
/// Idle threads look again for a while (about the time between two runs in a row) and then sleep on a semaphore.
final class TeamCore: @unchecked Sendable {
  // Unchecked: all that changes is atomic, or belongs to the part that was claimed.

  private let memory: RunMemory
  /// First part of the step, how many it has, and the next one to claim: 32, 16 and 16 bits.
  private let offer = Atomic<UInt64>(0)
  private let finished = Atomic<Int>(0)
  private let sleeping = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private let failed = Atomic<Bool>(false)
  private let errors: UnsafeMutablePointer<(any Error)?>
  private let semaphore: UnsafeMutablePointer<sem_t>
  /// Looks before an idle thread sleeps: about 50 us.
  private static let looks = 2000

  init(memory: RunMemory) {
    self.memory = memory
    errors = .allocate(capacity: memory.largestStep)
    errors.initialize(repeating: nil, count: memory.largestStep)
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    errors.deinitialize(count: memory.largestStep)
    errors.deallocate()
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  // MARK: The thread that runs the plan

  func run(first: Int, count: Int) throws {
    finished.store(0, ordering: .relaxed)
    offer.store(UInt64(first) << 32 | UInt64(count) << 16 | 1, ordering: .sequentiallyConsistent)
    wake(count - 1)
    perform(first, index: 0)
    while let next = claim() { perform(next.part, index: next.index) }
    var looks = 0
    while finished.load(ordering: .acquiring) < count {
      looks += 1
      // Whoever holds the last part may wait for this very core.
      if looks < TeamCore.looks { ProcessorPause.wait() } else { sched_yield() }
    }
    if failed.load(ordering: .relaxed) { try takeError(count) }
  }

  private func takeError(_ count: Int) throws {
    failed.store(false, ordering: .relaxed)
    var found: (any Error)?
    for index in 0..<count {
      found = found ?? errors[index]
      errors[index] = nil
    }
    if let found { throw found }
  }

  private func wake(_ count: Int) {
    var waiting = sleeping.load(ordering: .sequentiallyConsistent)
    var left = count
    while waiting > 0 && left > 0 {
      let (taken, now) = sleeping.compareExchange(
        expected: waiting, desired: waiting - 1, ordering: .sequentiallyConsistent)
      if taken {
        sem_post(semaphore)
        left -= 1
        waiting -= 1
      } else {
        waiting = now
      }
    }
  }

  /// Lets every thread return from `work`.
  func stop(threads: Int) {
    stopping.store(true, ordering: .sequentiallyConsistent)
    for _ in 0..<threads { sem_post(semaphore) }
  }

  // MARK: The others

  /// Runs parts until the team is dissolved.
  func work() {
    var looks = 0
    while !stopping.load(ordering: .acquiring) {
      if let next = claim() {
        perform(next.part, index: next.index)
        looks = 0
      } else if looks < TeamCore.looks {
        looks += 1
        ProcessorPause.wait()
      } else {
        sleep()
        looks = 0
      }
    }
  }

  private func sleep() {
    sleeping.wrappingAdd(1, ordering: .sequentiallyConsistent)
    // An offer made before it was seen that this thread sleeps would wake nobody.
    if isOffered || stopping.load(ordering: .sequentiallyConsistent) {
      var waiting = sleeping.load(ordering: .sequentiallyConsistent)
      while waiting > 0 {
        let (taken, now) = sleeping.compareExchange(
          expected: waiting, desired: waiting - 1, ordering: .sequentiallyConsistent)
        if taken { return }
        waiting = now
      }
    }
    while sem_wait(semaphore) != 0 && errno == EINTR {}
  }

  private var isOffered: Bool {
    let seen = offer.load(ordering: .sequentiallyConsistent)
    return seen & 0xFFFF < seen >> 16 & 0xFFFF
  }

  /// Takes the next part that waits: its place among all parts of the plan, and within its step.
  private func claim() -> (part: Int, index: Int)? {
    var seen = offer.load(ordering: .acquiring)
    while seen & 0xFFFF < seen >> 16 & 0xFFFF {
      let (taken, now) = offer.compareExchange(
        expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing)
      if taken {
        let index = Int(seen & 0xFFFF)
        return (Int(seen >> 32) + index, index)
      }
      seen = now
    }
    return nil
  }

  private func perform(_ part: Int, index: Int) {
    do {
      try memory.run(part: part)
    } catch {
      errors[index] = error
      failed.store(true, ordering: .relaxed)
    }
    finished.wrappingAdd(1, ordering: .acquiringAndReleasing)
  }
}
