import GraphIR
import Operators
import TensorCore

/// Weights that QONNX's Quant and BipolarQuant make of constants are codes of as many bits, so that they count as what
/// they are; vectors and codes of more than 8 bits are their values.
struct QuantizedConstants: GraphPass {
  let label = "quantized constants"

  func run(_ builder: inout GraphBuilder) throws {
    builder.rewrite { node, builder in
      guard QONNX.quantizes(node), let output = node.outputs.first, !builder.pinned.contains(output),
        case let constants = node.inputs.map({ builder.dense($0) }), constants.allSatisfy({ $0 != nil }),
        // What cannot be computed is left to the run, which tells what is wrong.
        let values = try? builder.registry.evaluate(
          node, opset: builder.graph.opset(of: node), constants: constants),
        let value = values.first ?? nil
      else { return nil }
      builder.set(
        Self.codes(node, value, constants.compactMap { $0 }).map { .quantized($0) } ?? .dense(value),
        named: output)
      return []
    }
  }

  /// Nil where the values have no codes of at most 8 bits with scales along one axis.
  private static func codes(_ node: Node, _ value: Tensor, _ inputs: [Tensor]) -> QuantizedTensor? {
    let isBipolar = inputs.count == 2
    guard value.shape.rank >= 2, value.dataType == .float32, isBipolar || inputs.count == 4 else {
      return nil
    }
    let scale = inputs[1]
    let width = isBipolar ? 1 : Int(inputs[3].floats.first ?? 0)
    let isSigned = isBipolar || (node.int("signed") ?? 1) != 0
    guard (1...8).contains(width), let axis = axis(of: scale, in: value.shape) else { return nil }
    let zeros = isBipolar ? Tensor(scalar: Float(0)) : inputs[2]
    guard zeros.count == 1 || zeros.shape == scale.shape, zeros.floats.allSatisfy({ $0 == $0.rounded() })
    else {
      return nil
    }
    let isBinary = width == 1 && isSigned && zeros.floats.allSatisfy { $0 == 0 }
    guard let bits = isBinary ? .binary : narrowest[width - 1] else { return nil }
    // Codes without a sign move down where the width has no room for them.
    let shift = isSigned || width == 1 ? 0 : 1 << (width - 1)
    let scales = scale.floats
    let zeroPoints = scales.indices.map { Int(zeros.floats[zeros.count == 1 ? 0 : $0]) - shift }
    let (channels, inner) = (
      axis.map { value.shape[$0] } ?? 1,
      axis.map { value.shape.dimensions[($0 + 1)...].reduce(1, *) } ?? value.shape.count
    )
    let range = bits.codeRange
    let codes = value.floats.enumerated().map { place, number in
      let channel = scales.count == 1 ? 0 : place / inner % channels
      return scales[channel] == 0
        ? zeroPoints[channel] : Int((number / scales[channel]).rounded()) + zeroPoints[channel]
    }
    guard codes.allSatisfy(range.contains), zeroPoints.allSatisfy(range.contains) else { return nil }
    return try? QuantizedTensor(
      shape: value.shape, bits: bits, axis: axis, scales: scales,
      zeroPoints: zeroPoints.allSatisfy { $0 == 0 } ? [] : zeroPoints.map { Int32($0) },
      codes: codes.map { Int8($0) })
  }

  /// By a width less one.
  private static let narrowest: [WeightBits?] = [.int2, .int2, .int3, .int4, .int5, .int6, .int8, .int8]

  /// The axis along which scales differ, nil inside for one scale; nil where they differ along several.
  private static func axis(of scale: Tensor, in shape: Shape) -> Int?? {
    guard scale.count > 1 else { return .some(nil) }
    let offset = shape.rank - scale.shape.rank
    guard offset >= 0 else { return nil }
    let long = scale.shape.dimensions.indices.filter { scale.shape[$0] > 1 }
    guard long.count == 1, scale.shape[long[0]] == shape[long[0] + offset] else { return nil }
    return .some(long[0] + offset)
  }
}
