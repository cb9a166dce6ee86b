import GraphIR
import Kernels
import TensorCore

/// DequantizeLinear: (x - zero point) * scale, per tensor or per axis, from 8-, 16- and 32-bit integers.
struct DequantizeLinearOperator: Operator {
  let kinds: [OperatorKind] = ["DequantizeLinear", OperatorKind("DequantizeLinear", domain: "com.microsoft")]

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.uint8, .int8, .uint16, .int16, .int32])
    let scale = try site.input(1, of: [.float32] + DataType.halves)
    if site.optionalInput(2) != nil { try site.input(2, of: [type.dataType]) }
    _ = try QuantizationParameters(site)
    return [TensorType(scale.dataType, type.shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let parameters = try QuantizationParameters(site)
    let zeroPoints = ZeroPointReader(site.optionalInput(2)?.dataType)
    let vector = table.vector
    let type = try site.input(0).dataType
    let hasZero = site.optionalInput(2) != nil
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
