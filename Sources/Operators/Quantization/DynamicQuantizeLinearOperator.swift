import GraphIR
import Kernels
import TensorCore

/// DynamicQuantizeLinear: uint8 codes with the scale and zero point that just cover the values and zero.
struct DynamicQuantizeLinearOperator: Operator {
  let kinds: [OperatorKind] = ["DynamicQuantizeLinear"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32])
    return [TensorType(.uint8, type.shape), TensorType(.float32, []), TensorType(.uint8, [])]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let count = outputs[0].shape.count
    let vector = table.vector
    let wanted = outputs.count
    return OperatorBody { arguments in
      let input = arguments.input(0, as: Float.self)
      var (low, high): (Float, Float) = (0, 0)
      for index in 0..<count {
        low = min(low, input[index])
        high = max(high, input[index])
      }
      let scale = (high - low) / 255
      let zero: Float = scale == 0 ? 0 : min(max((0 - low) / scale, 0), 255).rounded(.toNearestOrEven)
      let zeroPoint = UInt8(saturating: Double(zero))
      if wanted > 1 { arguments.output(1, as: Float.self)?.pointee = scale }
      if wanted > 2 { arguments.output(2, as: UInt8.self)?.pointee = zeroPoint }
      guard let output = arguments.output(0, as: UInt8.self) else { return }
      if scale == 0 {
        output.update(repeating: zeroPoint, count: count)
      } else {
        vector.kernels.pointee.f32_quantize_u8(count, input, scale, Int32(zeroPoint), output)
      }
    }
  }
}
