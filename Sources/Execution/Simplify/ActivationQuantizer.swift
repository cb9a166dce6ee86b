import GraphIR
import Kernels
import TensorCore

/// Scale and zero point of 8-bit activations: `value = scale * (code - zeroPoint)`, codes 0...255.
struct ActivationQuantizer: Hashable, Sendable {
  let scale: Float
  let zeroPoint: Int32

  init(scale: Float, zeroPoint: Int32) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  /// As the kernels take it; zero points of uint8 codes lie in 0...255.
  var byteScale: ByteScale { ByteScale(scale: scale, zeroPoint: zeroPoint) }

  /// What a QuantizeLinear or DequantizeLinear says, if it is per tensor, constant and of `dataType` codes.
  init?(_ node: Node, codes dataType: DataType, in editor: GraphEditor) {
    guard node.kind == "QuantizeLinear" || node.kind == "DequantizeLinear",
      let scale = editor.scalar(node.input(1)), scale > 0, scale.isFinite
    else { return nil }
    let coded = node.kind == "QuantizeLinear" ? node.outputs.first : node.input(0)
    guard let coded, editor.types[coded]?.dataType == dataType else { return nil }
    var zero: Float = 0
    if let name = node.input(2) {
      guard let value = editor.scalar(name) else { return nil }
      zero = value
    }
    self.init(scale: scale, zeroPoint: Int32(zero))
  }
}
