import Operators
import TensorCore

extension Lowering {
  /// Bytes from one of `count` equal pieces of each value to the next; 0 for those at `whole`, which every piece sees.
  func strides(_ ids: [ValueID?], count: Int, whole: Set<Int> = []) -> [Int] {
    ids.enumerated().map { place, id in
      guard let id, !whole.contains(place) else { return 0 }
      return program.values[id].type.byteCount / max(1, count)
    }
  }

  /// A slicing by samples: all inputs and outputs hold `count` equal pieces, one after the other.
  func samples(
    _ count: Int, inputs: [ValueID?], outputs: [ValueID?], make: @escaping @Sendable (Int) -> OperatorBody
  ) -> Slicing {
    Slicing(
      count: count, inputStrides: strides(inputs, count: count),
      outputStrides: strides(outputs, count: count),
      isSamples: true
    ) { make($0.count) }
  }

  /// Nanoseconds to read and write the values, at about 8 bytes each.
  func copyNanoseconds(_ ids: [ValueID?]) -> Double {
    Double(ids.compactMap { $0 }.reduce(0) { $0 + program.values[$1].type.byteCount }) / 8
  }
}
