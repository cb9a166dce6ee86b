import CKernels
import Kernels

/// Probes of the machine: what they return is the work they did.
enum ProbeCases {
  private static let reason = "a probe: the rate it finds is the machine's peak, which `kernels` prints"

  static let all = [
    peak("f32_peak", info: { $0.f32_peak_info }, kernel: { $0.f32_peak }),
    peak("u8s8_peak", info: { $0.u8s8_peak_info }, kernel: { $0.u8s8_peak }),
    SlotCase(slot: "u8_read", untimed: reason, info: { $0.u8_read_info }) { matrix, _, source in
      let count = source.size(0...2000, timed: 1 << 20)
      let bytes: Memory<UInt8> = source.integers(count, in: 0...255)
      let done = Memory<Double>(1)
      return Trial(
        label: "\(count) bytes", work: .bytes(Double(count)),
        run: { done[0] = matrix.u8_read(count, bytes.start) },
        // Whole vectors only, four at a time.
        error: { (Double(count) - 255...Double(count)).contains(done[0]) && bytes.isIntact ? 0 : .infinity })
    },
  ]

  private static func peak(
    _ slot: String, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel: @escaping @Sendable (ck_matrix_table) -> @convention(c) (Int) -> Double
  ) -> SlotCase {
    SlotCase(slot: slot, untimed: reason, info: info) { matrix, _, source in
      let rounds = source.size(1...50, timed: 1000)
      let done = Memory<Double>(2)
      let kernel = kernel(matrix)
      return Trial(
        label: "\(rounds) rounds", work: .floats(1),
        run: {
          done[0] = kernel(rounds)
          done[1] = kernel(1)
        },
        // Twelve vectors a round, at least four lanes each, two operations a lane.
        error: { done[0] == done[1] * Double(rounds) && done[1] >= 2 * 12 * 4 ? 0 : .infinity })
    }
  }
}
