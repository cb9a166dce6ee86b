import Kernels

/// Compression's own loops over 100 million weights, beside NumPy's. Work is the bytes read and written.
enum KernelCompressionCases {
  static let family = KernelFamily(name: "compression") { bench in
    [{ threshold(bench) }, { quantize(bench) }, { pack4(bench) }, { packTrits(bench) }]
  }

  private static let count = 100_000_000
  private static let channels = 10_000

  private static func peer(_ bench: KernelBench, _ name: String) -> KernelCase.Peer {
    bench.peer.map { .process($0, name) } ?? .none
  }

  /// Sums of uniform numbers: bell-shaped enough for thresholds and ranges.
  private static func weights() -> KernelData<Float> {
    var random = KernelRandom(31)
    return KernelData(count) { _ in
      let bits = random.next()
      return Float(Int64(bits & 0xffff) + Int64(bits >> 16 & 0xffff) + Int64(bits >> 32 & 0xffff) - 98_302)
        * 1e-5
    }
  }

  private static func threshold(_ bench: KernelBench) -> KernelCase {
    let values = weights()
    let target = KernelData<Float>(count) { _ in 0 }
    return KernelCase(
      name: "zero the 90 % smallest of 100 M", peer: peer(bench, "threshold"), work: Double(count) * 12,
      bound: .reads,
      ours: {
        let source = UnsafeBufferPointer(values.buffer)
        let selection = MagnitudeSelection(selecting: count / 10 * 9, of: 1) { _, body in body(source) }
        selection.zero(source, into: target.buffer, array: 0)
      })
  }

  private static func quantize(_ bench: KernelBench) -> KernelCase {
    let values = weights()
    let codes = KernelData<Int8>(count) { _ in 0 }
    let length = count / channels
    return KernelCase(
      name: "int8 codes of 100 M, per channel", peer: peer(bench, "quantize"), work: Double(count) * 5,
      bound: .reads,
      ours: {
        for channel in 0..<channels {
          let row = UnsafeBufferPointer(rebasing: values.buffer[channel * length..<(channel + 1) * length])
          let (low, high) = WeightCoding.extremes(row)
          WeightCoding.encode(
            row,
            UnsafeMutableBufferPointer(rebasing: codes.buffer[channel * length..<(channel + 1) * length]),
            scale: max(-low, high) / 127, zeroPoint: 0, range: -127...127)
        }
      })
  }

  private static func pack4(_ bench: KernelBench) -> KernelCase {
    let codes = KernelData<Int8>(count) { Int8($0 % 16) - 8 }
    let sink = KernelSink()
    return KernelCase(
      name: "4-bit stream of 100 M codes", peer: peer(bench, "pack4"), work: Double(count) * 1.5,
      bound: .reads,
      ours: { sink.keep(WeightCoding.packed(UnsafeBufferPointer(codes.buffer), width: 4, lowest: -8).count) })
  }

  private static func packTrits(_ bench: KernelBench) -> KernelCase {
    let codes = KernelData<Int8>(count) { Int8($0 % 3) - 1 }
    let sink = KernelSink()
    return KernelCase(
      name: "ternary stream of 100 M codes", peer: peer(bench, "packTrits"), work: Double(count) * 1.2,
      bound: .reads,
      ours: { sink.keep(WeightCoding.packedTrits(UnsafeBufferPointer(codes.buffer)).count) })
  }
}

/// Takes results, so that the work for them is not left out.
final class KernelSink {
  private(set) var total = 0
  func keep(_ value: Int) { total &+= value }
}
