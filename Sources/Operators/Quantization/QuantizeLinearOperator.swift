import GraphIR
import Kernels
import TensorCore

/// QuantizeLinear: saturate(round half to even(x / scale) + zero point), per tensor, per axis or per block, to integers of
/// 2 to 16 bits; to 8-bit and 4-bit floats x / scale is rounded to the nearest.
///
/// NaN becomes the zero point.
struct QuantizeLinearOperator: Operator {
  let kinds: [OperatorKind] = ["QuantizeLinear", OperatorKind("QuantizeLinear", domain: "com.microsoft")]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(.only([0]), .declined("its output is codes"), except: hasManyScales)
  }

  private static let codes: [DataType] = [
    .uint8, .int8, .uint16, .int16, .uint4, .int4, .uint2, .int2, .float8e4m3fn, .float8e4m3fnuz,
    .float8e5m2, .float8e5m2fnuz, .float4e2m1,
  ]
  /// Those that have kernels.
  private static let wide: [DataType] = [.uint8, .int8, .uint16, .int16]

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32, .int32, .float64] + DataType.halves)
    try site.input(1, of: [.float32, .int32, .float64] + DataType.halves)
    _ = try QuantizationParameters(site)
    return [TensorType(try target(site), type.shape)]
  }

  private func target(_ site: OperatorSite) throws -> DataType {
    if site.optionalInput(2) != nil { return try site.input(2, of: Self.codes).dataType }
    guard let code = try site.int("output_dtype"), code != 0 else { return .uint8 }
    guard let type = DataType(onnxCode: code), Self.codes.contains(type) else {
      throw site.attributeError("output_dtype", expected: "a type of at most 16 bits", found: "\(code)")
    }
    return type
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let parameters = try QuantizationParameters(site)
    let zeroPoints = ZeroPointReader(site.optionalInput(2)?.dataType)
    let vector = table.vector
    let target = outputs[0].dataType
    let scaleType = try site.input(1).dataType
    let inputType = try site.input(0).dataType
    if parameters.isBlocked || !Self.wide.contains(target) || scaleType != .float32 || inputType == .float64 {
      return try general(site, parameters, outputs[0])
    }
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

  /// Element by element, for everything that has no kernel.
  private func general(_ site: OperatorSite, _ parameters: QuantizationParameters, _ output: TensorType)
    throws -> OperatorBody
  {
    let isInteger = !output.dataType.isFloatingPoint
    let range = output.dataType.integerRange ?? 0...0
    let limits = Double(range.lowerBound)...Double(range.upperBound)
    let isDouble = try site.input(0).dataType == .float64
    let saturates = try site.flag("saturate", default: true)
    return try parameters.body(site, output, saturates: saturates) { x, scale, zero in
      let value = isDouble ? x / scale : Double(Float(x) / Float(scale))
      guard isInteger else { return value }
      let code = (value.isNaN ? 0 : value.rounded(.toNearestOrEven)) + zero
      return min(max(code, limits.lowerBound), limits.upperBound)
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
