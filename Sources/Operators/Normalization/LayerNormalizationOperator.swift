import GraphIR
import Kernels
import TensorCore

/// LayerNormalization over all axes from `axis` on, and its form without centring (RMSNormalization and ONNX Runtime's
/// SimplifiedLayerNormalization). Scale and bias have the normalized shape.
struct LayerNormalizationOperator: Operator {
  let kinds: [OperatorKind] = [
    "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization",
    OperatorKind("SimplifiedLayerNormalization", domain: "com.microsoft"),
  ]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .rowwise(
      .trailing(default: -1),
      .given { site, place in try Self.gradient(site, place) }, nanoseconds: 0.4)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32] + DataType.halves)
    guard type.shape.rank >= 1 else { throw site.inputError(0, expected: "of rank 1 or more") }
    let (axis, count) = try normalized(site, type.shape)
    for index in 1...2 {
      guard let parameter = index == 1 ? try site.input(1) : site.optionalInput(2) else { continue }
      guard parameter.shape.count == count else {
        throw site.inputError(index, expected: "of the normalized shape, \(count) values")
      }
    }
    let statistics = try site.shape(
      type.shape.dimensions.enumerated().map { $0.offset < axis ? $0.element : 1 })
    return [type, TensorType(.float32, statistics), TensorType(.float32, statistics)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = outputs[0].shape
    let (axis, count) = try normalized(site, shape)
    let rows = shape.dimensions[..<axis].reduce(1, *)
    let epsilon = try site.float("epsilon", default: 1e-5)
    let vector = table.vector
    let hasBias = site.optionalInput(2) != nil
    let isCentred = site.kind.type == "LayerNormalization"
    // The mean is the first optional output of the centred form; the other form has only the inverse deviation.
    if !isCentred { try site.expectOutputs(atMost: 1) }
    return OperatorBody { arguments in
      let input = arguments.input(0, as: Float.self)
      if outputs.count > 1 { Self.statistics(arguments, rows, count, epsilon) }
      guard let output = arguments.output(0, as: Float.self) else { return }
      if isCentred {
        vector.kernels.pointee.f32_layer_norm_rows(
          rows, count, input, arguments.input(1), hasBias ? arguments.input(2) : nil, epsilon, output)
      } else {
        vector.kernels.pointee.f32_rms_norm_rows(rows, count, input, arguments.input(1), epsilon, output)
      }
    }
  }

  private func normalized(_ site: OperatorSite, _ shape: Shape) throws -> (axis: Int, count: Int) {
    let axis = try site.axis(try site.int("axis", default: -1), rank: shape.rank)
    return (axis, shape.dimensions[axis...].reduce(1, *))
  }

  /// The optional outputs: mean and inverse deviation of each row.
  private static func statistics(_ arguments: OperatorArguments, _ rows: Int, _ count: Int, _ epsilon: Float)
  {
    let input = arguments.input(0, as: Float.self)
    for row in 0..<rows {
      let values = UnsafeBufferPointer(start: input + row * count, count: count)
      let mean = values.reduce(0.0) { $0 + Double($1) } / Double(count)
      let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(count)
      arguments.output(1, as: Float.self)?[row] = Float(mean)
      arguments.statisticsOutput?[row] = Float(1 / (variance + Double(epsilon)).squareRoot())
    }
  }
}

extension OperatorArguments {
  fileprivate var statisticsOutput: UnsafeMutablePointer<Float>? { output(2, as: Float.self) }
}
