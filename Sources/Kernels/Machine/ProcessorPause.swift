import CKernels

/// The processor's hint that a thread only waits for another one.
package enum ProcessorPause {
  /// Waits a few dozen cycles.
  @inline(__always)
  package static func wait() { ck_pause() }
}
