import GraphIR
import TensorCore

/// Scale and zero point of 8-bit activations: `value = scale * (code - zeroPoint)`, codes 0...255.
package struct ActivationQuantizer: Hashable, Sendable {
  package let scale: Float
  package let zeroPoint: Int32

  package init(scale: Float, zeroPoint: Int32) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  /// What a QuantizeLinear or DequantizeLinear says, if it is per tensor, constant and of `dataType` codes.
  package init?(_ node: Node, codes dataType: DataType, in base: TypedGraph) {
    guard node.kind == "QuantizeLinear" || node.kind == "DequantizeLinear",
      let scale = base.scalar(node.input(1)), scale > 0, scale.isFinite
    else { return nil }
    let coded = node.kind == "QuantizeLinear" ? node.outputs.first : node.input(0)
    guard let coded, base.types[coded]?.dataType == dataType else { return nil }
    var zero: Float = 0
    if let name = node.input(2) {
      guard let value = base.scalar(name) else { return nil }
      zero = value
    }
    self.init(scale: scale, zeroPoint: Int32(zero))
  }
}
