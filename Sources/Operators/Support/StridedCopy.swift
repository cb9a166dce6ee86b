import Kernels
import TensorCore

/// Copies elements of any type from strided places to strided places: transposes, slices, repeats.
struct StridedCopy: Sendable {
  let nest: LoopNest
  let byteCount: Int

  /// - Parameter nest: lane 0 is read, lane 3 written.
  init(_ nest: LoopNest, of type: DataType) {
    self.nest = nest
    byteCount = type.byteCount
  }

  func run(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
    let strides = nest.rowStrides
    if strides[0] == 1, strides[3] == 1 || nest.rowCount <= 1 {
      let bytes = nest.rowCount * byteCount
      nest.forEachRow {
        (target + $0[3] * byteCount).copyMemory(from: source + $0[0] * byteCount, byteCount: bytes)
      }
      return
    }
    switch byteCount {
    case 1: copy(source, target, as: UInt8.self)
    case 2: copy(source, target, as: UInt16.self)
    case 4: copy(source, target, as: UInt32.self)
    default: copy(source, target, as: UInt64.self)
    }
  }

  private func copy<Word>(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, as: Word.Type) {
    let from = source.assumingMemoryBound(to: Word.self)
    let to = target.assumingMemoryBound(to: Word.self)
    let count = nest.rowCount
    let (read, write) = (nest.rowStrides[0], nest.rowStrides[3])
    nest.forEachRow { offsets in
      var source = from + offsets[0]
      var target = to + offsets[3]
      for _ in 0..<count {
        target.pointee = source.pointee
        source += read
        target += write
      }
    }
  }
}

/// A body that only moves elements of input 0 to output 0.
func copyBody(_ copy: StridedCopy, offset: Int = 0) -> OperatorBody {
  let start = offset * copy.byteCount
  return OperatorBody { arguments in
    guard let output = arguments.outputs[0] else { return }
    copy.run(from: arguments.input(0, as: UInt8.self) + start, to: output)
  }
}

/// A body that hands input 0's bytes on unchanged; nothing is copied where a plan gave both the same memory.
func viewBody(byteCount: Int) -> OperatorBody {
  OperatorBody { arguments in
    let source = UnsafeRawPointer(arguments.input(0, as: UInt8.self))
    guard let output = arguments.outputs[0], UnsafeRawPointer(output) != source else { return }
    output.copyMemory(from: source, byteCount: byteCount)
  }
}
