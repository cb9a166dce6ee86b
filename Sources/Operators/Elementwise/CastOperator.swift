import GraphIR
import Kernels
import TensorCore

/// Cast and CastLike between all types.
///
/// Floating point to integer truncates and saturates, NaN gives 0; integer to narrower integer wraps; anything but
/// zero (NaN too) is true.
struct CastOperator: Operator {
  let kinds: [OperatorKind] = ["Cast", "CastLike"]

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    if site.kind.type == "CastLike" { return [TensorType(try site.input(1).dataType, type.shape)] }
    guard let code = try site.int("to"), let target = DataType(onnxCode: code) else {
      let found = try site.int("to").map(String.init) ?? "absent"
      throw site.attributeError("to", expected: "the code of a numeric type", found: found)
    }
    return [TensorType(target, type.shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let (source, target) = (try site.input(0).dataType, outputs[0].dataType)
    if source == target { return viewBody(byteCount: outputs[0].byteCount) }
    let count = outputs[0].shape.count
    let vector = table.vector
    switch (source, target) {
    case (.float32, .float16):
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: UInt16.self) else { return }
        vector.kernels.pointee.f32_to_f16(count, arguments.input(0), output)
      }
    case (.float16, .float32):
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Float.self) else { return }
        vector.kernels.pointee.f16_to_f32(count, arguments.input(0), output)
      }
    default:
      return OperatorBody { arguments in
        guard let output = arguments.outputs[0] else { return }
        Self.convert(arguments.input(0, as: UInt8.self), source, to: output, target, count)
      }
    }
  }

  /// Block by block: integers to integers as 64-bit integers, everything else as float64.
  private static func convert(
    _ input: UnsafeRawPointer, _ source: DataType, to output: UnsafeMutableRawPointer, _ target: DataType,
    _ count: Int
  ) {
    let block = 512
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: block) { integers in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: block) { doubles in
        for start in stride(from: 0, to: count, by: block) {
          let length = min(block, count - start)
          let from = input + start * source.byteCount
          let to = output + start * target.byteCount
          let (whole, real) = (integers.prefix(length), doubles.prefix(length))
          if source.isFloatingPoint || target.isFloatingPoint {
            ElementConversion.load(from, source, into: UnsafeMutableBufferPointer(rebasing: real))
            ElementConversion.store(UnsafeMutableBufferPointer(rebasing: real), target, to: to)
          } else {
            ElementConversion.load(from, source, into: UnsafeMutableBufferPointer(rebasing: whole))
            ElementConversion.store(UnsafeMutableBufferPointer(rebasing: whole), target, to: to)
          }
        }
      }
    }
  }
}
