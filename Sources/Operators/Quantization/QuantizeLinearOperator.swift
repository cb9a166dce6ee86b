import GraphIR
import Kernels
import TensorCore

/// QuantizeLinear: saturate(round half to even(x / scale) + zero point), per tensor or per axis, to 8 or 16 bits.
///
/// NaN becomes the zero point.
struct QuantizeLinearOperator: Operator {
  let kinds: [OperatorKind] = ["QuantizeLinear", OperatorKind("QuantizeLinear", domain: "com.microsoft")]

  private static let codes: [DataType] = [.uint8, .int8, .uint16, .int16]

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32, .int32] + DataType.halves)
    try site.input(1, of: [.float32] + DataType.halves)
    _ = try QuantizationParameters(site)
    return [TensorType(try target(site), type.shape)]
  }

  private func target(_ site: OperatorSite) throws -> DataType {
    if site.optionalInput(2) != nil { return try site.input(2, of: Self.codes).dataType }
    guard let code = try site.int("output_dtype"), code != 0 else { return .uint8 }
    guard let type = DataType(onnxCode: code), Self.codes.contains(type) else {
      throw site.attributeError("output_dtype", expected: "an 8- or 16-bit integer type", found: "\(code)")
    }
    return type
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let parameters = try QuantizationParameters(site)
    let zeroPoints = ZeroPointReader(site.optionalInput(2)?.dataType)
    let vector = table.vector
    let target = outputs[0].dataType
    // Integers are widened first; only exporters of 32-bit accumulators ask for that.
    let isInteger = try site.input(0).dataType == .int32
    let count = outputs[0].shape.count
    return OperatorBody(scratchBytes: isInteger ? aligned(count * 4) : 0) { arguments in
      guard let output = arguments.outputs[0] else { return }
      var input =
        isInteger ? UnsafePointer(arguments.scratch(as: Float.self)) : arguments.input(0, as: Float.self)
      if isInteger {
        vector.kernels.pointee.s32_dequantize_f32(count, arguments.input(0), 1, 0, arguments.scratch())
        input = UnsafePointer(arguments.scratch(as: Float.self))
      }
      let scales = arguments.input(1, as: Float.self)
      let zeros = site.inputs.count > 2 ? arguments.inputs[2] : nil
      parameters.forEach { offset, channel in
        let (scale, zero) = (scales[channel], zeroPoints.read(zeros, channel))
        let (from, length) = (input + offset, parameters.inner)
        switch target {
        case .uint8:
          vector.kernels.pointee.f32_quantize_u8(
            length, from, scale, zero, (output + offset).assumingMemoryBound(to: UInt8.self))
        case .int8:
          vector.kernels.pointee.f32_quantize_s8(
            length, from, scale, zero, (output + offset).assumingMemoryBound(to: Int8.self))
        case .uint16:
          Self.quantize(from, length, scale, zero, output.assumingMemoryBound(to: UInt16.self) + offset)
        default:
          Self.quantize(from, length, scale, zero, output.assumingMemoryBound(to: Int16.self) + offset)
        }
      }
    }
  }

  private static func quantize<Code: FixedWidthInteger & NumericElement>(
    _ input: UnsafePointer<Float>, _ count: Int, _ scale: Float, _ zero: Int32,
    _ output: UnsafeMutablePointer<Code>
  ) {
    for index in 0..<count {
      let steps = (input[index] / scale).rounded(.toNearestOrEven)
      output[index] = Code(saturating: (steps.isNaN ? 0 : Double(steps)) + Double(zero))
    }
  }
}
