import Kernels

/// One row times weights of few bits, rotated so that none stay in a cache.
enum KernelPackedCases {
  static let family = KernelFamily(name: "packed") { bench in
    let plain = PackedWidth.allCases.map { bits in
      { gemv(bench, bits: bits, groupSize: nil) }
    }
    let grouped: [PackedWidth] = [.four, .three, .two, .ternary]
    return plain + grouped.map { bits in { gemv(bench, bits: bits, groupSize: 64) } }
      + [
        { table(bench, "FP4 E2M1", [0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6]) },
        { table(bench, "16 any values", (0..<16).map { Float($0 * $0) * 0.01 - 1 }) },
        { table(bench, "256 values", (0..<256).map { Float($0) * 0.01 - 1 }) },
      ]
  }

  private static let side = 4096
  /// Together far beyond a last-level cache.
  private static let rotatedBytes = 128 << 20

  static func gemv(_ bench: KernelBench, bits: PackedWidth, groupSize: Int?) -> KernelCase {
    var random = KernelRandom(11)
    let range = bits.signedCodes
    let span = UInt64(range.upperBound - range.lowerBound) + 1
    let codes = KernelData<Int16>(side * side) { _ in
      bits == .one ? Int16(random.next() % 2) * 2 - 1 : range.lowerBound + Int16((random.next() >> 20) % span)
    }
    let groups = groupSize.map { side / $0 } ?? 1
    let scales = (0..<side * groups).map { _ in random.unit() }
    let bytes = Double(side * side) * bits.bitsPerWeight / 8
    return rotated(bench, name: "\(bits)\(groupSize.map { ", groups of \($0)" } ?? "")", bytes: bytes) {
      PackedMatrix(
        codes: UnsafeBufferPointer(codes.buffer), outputs: side, inputs: side, bits: bits, scales: scales,
        groupSize: groupSize, table: bench.table)
    }
  }

  static func table(_ bench: KernelBench, _ name: String, _ levels: [Float]) -> KernelCase {
    var random = KernelRandom(12)
    let places = KernelData<UInt8>(side * side) { _ in
      UInt8(Int(random.next() >> 30) % levels.count)
    }
    let bytes = Double(side * side) / (levels.count == 16 ? 2 : 1)
    return rotated(bench, name: name, bytes: bytes) {
      PackedMatrix(
        places: UnsafeBufferPointer(places.buffer), levels: levels, outputs: side, inputs: side, scales: [1],
        table: bench.table)
    }
  }

  /// Beside a dense float product of the same size by OpenBLAS.
  private static func rotated(
    _ bench: KernelBench, name: String, bytes: Double, _ make: () -> PackedMatrix
  ) -> KernelCase {
    let copies = max(2, Int((Double(rotatedBytes) / bytes).rounded(.up)))
    let first = make()
    // Copies alike but for where they lie; packing each anew would take minutes.
    let matrices = (0..<copies).map { $0 == 0 ? first : first.copy() }
    let weights = (0..<2).map { KernelData.floats(side * side, seed: 20 + $0) }
    let x = KernelData.floats(side, seed: 13)
    let y = KernelData.floats(side, seed: 14)
    let scratch = KernelData.floats(first.scratchBytes(rows: 1) / 4 + 16, seed: 15)
    let turn = Turn(matrices.count)
    let peerTurn = Turn(weights.count)
    return KernelCase(
      name: "GEMV \(side)x\(side) \(name)",
      peer: .call(
        "OpenBLAS f32",
        { KernelDenseCases.blas(1, side, side, x.start, weights[peerTurn.next()].start, y.start) }),
      work: bytes, bound: .reads,
      ours: {
        matrices[turn.next()].multiply(
          rows: 1, x: x.start, ldx: side, y: y.start, ldy: side, epilogue: Epilogue(), scratch: scratch.start)
      })
  }
}

/// Counts round.
final class Turn {
  private let count: Int
  private var at = 0
  init(_ count: Int) { self.count = count }

  func next() -> Int {
    at = at + 1 == count ? 0 : at + 1
    return at
  }
}
