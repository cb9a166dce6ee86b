import GraphIR
import TensorCore

extension Weight {
  /// The elements at the given indices along an axis, in that order; scales and zero points go with their channel.
  func keeping(_ indices: [Int], axis: Int) throws -> Weight {
    switch self {
    case .dense(let tensor):
      let width = tensor.dataType.byteCount
      let shape = Self.shape(tensor.shape, axis: axis, count: indices.count)
      let storage = TensorStorage(byteCount: shape.count * width) { target in
        Self.copyRuns(tensor.shape, axis: axis, indices: indices) { to, from, count in
          UnsafeMutableRawBufferPointer(rebasing: target[to * width..<(to + count) * width])
            .copyMemory(
              from: UnsafeRawBufferPointer(rebasing: tensor.bytes[from * width..<(from + count) * width]))
        }
      }
      return .dense(try Tensor(shape: shape, dataType: tensor.dataType, storage: storage))
    case .quantized(let tensor):
      // Groups run through a channel: with some of its elements gone they are no groups any more.
      guard tensor.groupSize == nil || tensor.axis == axis else {
        return try Weight.dense(tensor.dequantized()).keeping(indices, axis: axis)
      }
      let shape = Self.shape(tensor.shape, axis: axis, count: indices.count)
      var codes: [Int8] = []
      codes.reserveCapacity(shape.count)
      Self.copyRuns(tensor.shape, axis: axis, indices: indices) { _, from, count in
        codes += tensor.codes[from..<from + count]
      }
      let groups = tensor.groupsPerChannel
      func own<Value>(_ values: [Value]) -> [Value] {
        guard tensor.axis == axis, !values.isEmpty else { return values }
        return indices.flatMap { values[$0 * groups..<($0 + 1) * groups] }
      }
      return .quantized(
        try QuantizedTensor(
          shape: shape, bits: tensor.bits, axis: tensor.axis, groupSize: tensor.groupSize,
          format: tensor.format, scales: own(tensor.scales), scaleStorage: tensor.scaleStorage,
          zeroPoints: own(tensor.zeroPoints), codes: codes))
    }
  }

  private static func shape(_ shape: Shape, axis: Int, count: Int) -> Shape {
    var dimensions = shape.dimensions
    dimensions[axis] = count
    return Shape(known: dimensions)
  }

  /// Calls `copy` with (target offset, source offset, count), in elements, for runs that are adjacent in both.
  private static func copyRuns(
    _ shape: Shape, axis: Int, indices: [Int], _ copy: (Int, Int, Int) -> Void
  ) {
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let outer = shape.dimensions[..<axis].reduce(1, *)
    var runs: [Range<Int>] = []
    for index in indices {
      if let last = runs.last, last.upperBound == index {
        runs[runs.count - 1] = last.lowerBound..<index + 1
      } else {
        runs.append(index..<index + 1)
      }
    }
    var target = 0
    for block in 0..<outer {
      for run in runs {
        copy(target, (block * shape[axis] + run.lowerBound) * inner, run.count * inner)
        target += run.count * inner
      }
    }
  }
}
