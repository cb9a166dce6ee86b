import GraphIR
import TensorCore

/// ImageScaler: scale x + bias, with a bias for each channel of an image [samples, channels, height, width].
///
/// Experimental in ONNX up to operator set 9; Core ML and WinML tools write it in front of a network.
struct ImageScalerOperator: CompositeOperator {
  let kinds: [OperatorKind] = ["ImageScaler"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    let image = try site.input(0, of: DataType.real)
    guard image.shape.rank == 4 else { throw site.inputError(0, expected: "an image [n, c, h, w]") }
    let bias = try site.floats("bias") ?? []
    guard bias.count == image.shape[1] else {
      throw site.attributeError(
        "bias", expected: "a number for each of \(image.shape[1]) channels", found: "\(bias.count)")
    }
    func constant(_ values: [Float], _ shape: Shape) throws -> Composition.Value {
      .constant(try Tensor(shape: shape, floats: values, as: image.dataType))
    }
    let scaled = try steps.add(
      "Mul", [steps.required(0), constant([site.float("scale", default: 1)], [])])
    return [try steps.add("Add", [scaled, constant(bias, Shape([bias.count, 1, 1]))])]
  }
}
