import GraphIR
import Kernels
import Operators
import TensorCore

/// Cuts nodes that compute each row of their first long axis from the same row of their inputs.
enum OperatorSlicing {
  /// Kinds whose result at an index depends on the operands at that index alone.
  static let elementwise = ElementwiseRule().kinds
  /// Kinds that work along an axis, and the axis where the node names none.
  private static let rowwise: [OperatorKind: Int] = [
    "Softmax": -1, "LogSoftmax": -1, "LayerNormalization": -1, "RMSNormalization": -1,
  ]
  /// Nanoseconds per element; others take about as long as reading and writing them.
  private static let costs: [OperatorKind: Double] = [
    "Softmax": 1.2, "LogSoftmax": 1.5, "Gelu": 1.2, "Erf": 1, "Tanh": 1, "Sigmoid": 0.8, "Exp": 0.6,
    "LayerNormalization": 0.4, "Where": 0.5, "Pow": 4,
  ]

  static func nanoseconds(_ kind: OperatorKind, outputs: [TensorType]) -> Double {
    let type = kind.domain.isEmpty ? kind : OperatorKind(kind.type)
    guard let output = outputs.first else { return 0 }
    return Double(output.shape.count) * (costs[type] ?? 0.15)
  }

  /// - Parameter site: the node with its stored types, as it would be prepared whole.
  static func slicing(
    _ site: OperatorSite, outputs: [TensorType], with found: any Operator, table: KernelTable
  ) -> Slicing? {
    guard outputs.count == 1, let axis = outputs[0].shape.dimensions.firstIndex(where: { $0 > 1 }),
      allows(site, axis: axis, rank: outputs[0].shape.rank)
    else { return nil }
    let output = outputs[0]
    let count = output.shape[axis]
    // Inputs are aligned at their last axes, as broadcasting does.
    let cut = site.inputs.map { type -> Bool? in
      guard let type else { return false }
      let own = axis - (output.shape.rank - type.shape.rank)
      guard own >= 0 else { return false }
      return type.shape[own] == count ? true : type.shape[own] == 1 ? false : nil
    }
    guard !cut.contains(nil) else { return nil }
    return Slicing(
      count: count,
      inputStrides: zip(site.inputs, cut).map { $1 == true ? ($0?.byteCount ?? 0) / count : 0 },
      outputStrides: [output.byteCount / count], isSamples: axis == 0
    ) { range in
      func part(_ type: TensorType) -> TensorType {
        let own = axis - (output.shape.rank - type.shape.rank)
        return TensorType(
          type.dataType,
          Shape(known: type.shape.dimensions.enumerated().map { $0.offset == own ? range.count : $0.element })
        )
      }
      let smaller = OperatorSite(
        node: site.node, opset: site.opset,
        inputs: zip(site.inputs, cut).map { type, isCut in isCut == true ? type.map(part) : type },
        constants: zip(site.constants, cut).map { $1 == true ? nil : $0 })
      return try found.prepare(smaller, outputs: [part(output)], table: table)
    }
  }

  private static func allows(_ site: OperatorSite, axis: Int, rank: Int) -> Bool {
    let kind = site.node.kind
    if let usual = rowwise[kind] {
      // Before version 13 Softmax works over everything from its axis on.
      let isOld = kind.type.hasSuffix("oftmax") && site.opset < 13
      let along = site.node.int("axis") ?? (isOld ? 1 : usual)
      return axis < (along < 0 ? along + rank : along)
    }
    guard elementwise.contains(kind) || kind == OperatorKind("Gelu", domain: "com.microsoft") else {
      return false
    }
    guard kind == "QuantizeLinear" || kind == "DequantizeLinear" else { return true }
    return site.inputs.dropFirst().allSatisfy { ($0?.shape.count ?? 1) == 1 }
  }
}
