import GraphIR
import Kernels
import TensorCore

/// DequantizeLinear: (x - zero point) * scale, per tensor, per axis or per block, from integers of 2 to 32 bits and from
/// 4- and 8-bit floats.
struct DequantizeLinearOperator: Operator {
  let kinds: [OperatorKind] = ["DequantizeLinear", OperatorKind("DequantizeLinear", domain: "com.microsoft")]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(.only([0]), .declined("its input is codes"), except: hasManyScales)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: Self.wide + Self.narrow)
    let scale = try site.input(1, of: [.float32, .float64, .float8e8m0] + DataType.halves)
    if site.optionalInput(2) != nil { try site.input(2, of: [type.dataType]) }
    _ = try QuantizationParameters(site)
    return [TensorType(try target(site) ?? scale.dataType, type.shape)]
  }

  private static let wide: [DataType] = [.uint8, .int8, .uint16, .int16, .int32]
  private static let narrow: [DataType] = [
    .uint4, .int4, .uint2, .int2, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float4e2m1,
  ]

  private func target(_ site: OperatorSite) throws -> DataType? {
    guard let code = try site.int("output_dtype"), code != 0 else {
      return try site.input(1).dataType == .float8e8m0 ? .float32 : nil
    }
    guard let type = DataType(onnxCode: code), DataType.real.contains(type) else {
      throw site.attributeError("output_dtype", expected: "a floating-point type", found: "\(code)")
    }
    return type
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let parameters = try QuantizationParameters(site)
    let zeroPoints = ZeroPointReader(site.optionalInput(2)?.dataType)
    let vector = table.vector
    let type = try site.input(0).dataType
    let hasZero = site.optionalInput(2) != nil
    let scaleType = try site.input(1).dataType
    if parameters.isBlocked || !Self.wide.contains(type) || scaleType != .float32
      || outputs[0].dataType != .float32
    {
      return try parameters.body(site, outputs[0]) { x, scale, zero in (x - zero) * scale }
    }
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      let scales = arguments.input(1, as: Float.self)
      let zeros = hasZero ? arguments.inputs[2] : nil
      parameters.forEach { offset, channel in
        let (scale, zero) = (scales[channel], zeroPoints.read(zeros, channel))
        let (count, to) = (parameters.inner, output + offset)
        switch type {
        case .uint8:
          vector.kernels.pointee.u8_dequantize_f32(count, arguments.input(0) + offset, scale, zero, to)
        case .int8:
          vector.kernels.pointee.s8_dequantize_f32(count, arguments.input(0) + offset, scale, zero, to)
        case .int32:
          vector.kernels.pointee.s32_dequantize_f32(count, arguments.input(0) + offset, scale, zero, to)
        case .uint16:
          let from = arguments.input(0, as: UInt16.self) + offset
          for index in 0..<count { to[index] = Float(Int32(from[index]) - zero) * scale }
        default:
          let from = arguments.input(0, as: Int16.self) + offset
          for index in 0..<count { to[index] = Float(Int32(from[index]) - zero) * scale }
        }
      }
    }
  }
}
