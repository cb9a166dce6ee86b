import Foundation

/// Time as the kernel benchmarks take it.
enum KernelClock {
  /// Seconds this thread has run.
  static func thread() -> Double { now(CLOCK_THREAD_CPUTIME_ID) }

  /// Seconds on the wall.
  static func wall() -> Double { now(CLOCK_MONOTONIC) }

  private static func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Seconds of one call, from `count` in a row.
  static func seconds(_ count: Int, _ body: () -> Void) -> Double {
    let start = thread()
    for _ in 0..<count { body() }
    return (thread() - start) / Double(count)
  }

  /// Calls that take about `seconds`, after a warm-up.
  static func calls(for seconds: Double, _ body: () -> Void) -> Int {
    body()
    let once = max(1e-8, min(self.seconds(1, body), self.seconds(3, body)))
    return max(1, Int(seconds / once))
  }
}
