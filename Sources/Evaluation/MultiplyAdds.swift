import Compression
import Execution
import GraphIR
import Gradients
import Operators
import Rewriting
import TensorCore

/// Multiply-adds of one sample, exact for the graph as it is.
///
/// Counted are products of matrices, convolutions, recurrent steps and both products of attention, each as its shapes
/// say: removed channels and factor pairs as they are, zeros of unstructured pruning and of padding in full, masked
/// keys too. Additions of biases, elementwise functions, normalizations, pooling and softmax are not multiply-adds here.
package enum MultiplyAdds {
  /// Multiply-adds of each node in one run on `inputs`; nodes that only depend on constants are left out.
  /// - Returns: nil where only a run can tell the shapes, or where an operator has no count.
  package static func byNode(_ graph: Graph, inputs: [String: Tensor]) -> [String: Int]? {
    let dimensions = ShapeInference.dimensions(of: graph, from: inputs)
    guard
      let known = try? GraphTypes.infer(
        graph, dimensions: dimensions, prepare: { try GradientExpansion.expanded($0, dimensions: $1) })
    else { return nil }
    var counts: [String: Int] = [:]
    for node in graph.nodes where !known.foldedNodes.contains(node.name) {
      if isUncounted(node) { return nil }
      guard let rule = rules[node.kind] else { continue }
      let sites = Sites(node: node, shapes: { known.types[$0]?.shape })
      guard let count = rule(sites) else { return nil }
      counts[node.name, default: 0] += count
    }
    return counts
  }

  /// Node by node, the shapes of what goes in and comes out.
  struct Sites {
    let node: Node
    let shapes: (String) -> Shape?

    func input(_ index: Int) -> Shape? { node.input(index).flatMap(shapes) }
    /// The first output that is read.
    var output: Shape? { node.outputs.first { !$0.isEmpty }.flatMap(shapes) }
  }

  typealias Rule = @Sendable (Sites) -> Int?

  private static let runtime = "com.microsoft"

  static let rules: [OperatorKind: Rule] = [
    "Conv": convolution(weight: 1), "ConvInteger": convolution(weight: 1),
    "QLinearConv": convolution(weight: 3), OperatorKind("FusedConv", domain: runtime): convolution(weight: 1),
    "ConvTranspose": transposedConvolution,
    "Gemm": gemm, OperatorKind("FusedGemm", domain: runtime): gemm,
    "MatMul": product, "MatMulInteger": product, "QLinearMatMul": product,
    OperatorKind("FusedMatMul", domain: runtime): fusedProduct,
    OperatorKind("MatMulNBits", domain: runtime): product,
    "Einsum": einsum,
    "LSTM": recurrent(gates: 4), "GRU": recurrent(gates: 3), "RNN": recurrent(gates: 1),
    "Attention": attention(pastKey: 4),
    OperatorKind("MultiHeadAttention", domain: runtime): attention(pastKey: 6),
  ]

  /// Whether a node multiplies in a way that no rule counts.
  private static func isUncounted(_ node: Node) -> Bool {
    if node.attributes.values.contains(where: { if case .graph = $0 { true } else { false } }) { return true }
    return uncounted.contains(node.kind)
  }

  private static let uncounted: Set<OperatorKind> = Set(
    ["DeformConv", "DFT", "STFT", "LinearAttention", "FlexAttention", "CausalConvWithState"].map {
      OperatorKind($0)
    }
      + [
        "Attention", "GroupQueryAttention", "QAttention", "QGemm", "QLinearConv", "NhwcFusedConv", "NhwcConv",
        "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM", "MatMulBnb4",
      ].map { OperatorKind($0, domain: runtime) })

  private static func convolution(weight place: Int) -> Rule {
    { sites in
      guard let weight = sites.input(place), let output = sites.output, weight.rank > 1, weight[0] > 0 else {
        return nil
      }
      return output.count * (weight.count / weight[0])
    }
  }

  /// Every input element times the filters it goes through.
  private static let transposedConvolution: Rule = { sites in
    guard let weight = sites.input(1), let input = sites.input(0), weight.rank > 1, weight[0] > 0 else {
      return nil
    }
    return input.count * (weight.count / weight[0])
  }

  private static let gemm: Rule = { sites in
    guard let left = sites.input(0), let output = sites.output, left.rank == 2 else { return nil }
    return output.count * left[(sites.node.int("transA") ?? 0) == 0 ? 1 : 0]
  }

  private static let product: Rule = { sites in
    guard let depth = sites.input(0)?.dimensions.last, let output = sites.output else { return nil }
    return output.count * depth
  }

  private static let fusedProduct: Rule = { sites in
    guard let left = sites.input(0), let output = sites.output, left.rank >= 2,
      (sites.node.int("transBatchA") ?? 0) == 0
    else { return nil }
    return output.count * left[left.rank - ((sites.node.int("transA") ?? 0) == 0 ? 1 : 2)]
  }

  /// Of two operands, the product of all sizes; of one, nothing is multiplied; of more the order is free.
  private static let einsum: Rule = { sites in
    let operands = sites.node.inputs.indices.compactMap(sites.input)
    guard operands.count == sites.node.inputs.count else { return nil }
    if operands.count == 1 { return 0 }
    let terms = (sites.node.string("equation") ?? "").replacing(" ", with: "").split(separator: "-")[0]
      .split(separator: ",", omittingEmptySubsequences: false)
    guard operands.count == 2, terms.count == 2, zip(terms, operands).allSatisfy({ $0.count == $1.rank })
    else { return nil }
    var sizes: [Character: Int] = [:]
    for (term, shape) in zip(terms, operands) {
      for (label, size) in zip(term, shape.dimensions) { sizes[label] = max(sizes[label] ?? 1, size) }
    }
    return sizes.values.reduce(1, *)
  }

  /// W [directions, gates * hidden, inputs] and R [directions, gates * hidden, hidden], once per sample and time step.
  private static func recurrent(gates: Int) -> Rule {
    { sites in
      guard let x = sites.input(0), let w = sites.input(1), let r = sites.input(2), x.rank == 3 else {
        return nil
      }
      return x[0] * x[1] * (w.count + r.count)
    }
  }

  /// Queries times keys and weights times values, heads by heads or packed side by side.
  private static func attention(pastKey: Int) -> Rule {
    { sites in
      guard let query = sites.input(0), let key = sites.input(1), let output = sites.output,
        query.rank == key.rank, output.rank == query.rank, query.rank == 3 || query.rank == 4
      else { return nil }
      let length = key.rank - 2
      var keys = key[length]
      if let past = sites.input(pastKey) {
        guard past.rank == 4 else { return nil }
        keys += past[2]
      }
      return (query.count + output.count) * keys
    }
  }
}

extension OperationReading {
  /// Of a graph and its original, per sample; nil where one of them cannot be counted ahead of a run.
  /// - Parameter samples: how many samples a run takes.
  init?(
    of compressed: CompressedModel, plan: ModelPlan, original: [String: Int]?, inputs: [String: Tensor],
    samples: Int
  ) {
    guard let original, let counts = MultiplyAdds.byNode(compressed.model.graph, inputs: inputs) else {
      return nil
    }
    let densities = SparseDensities(of: plan, model: compressed)
    let samples = max(1, samples)
    let total = counts.values.reduce(0, +)
    let executed = counts.reduce(0.0) { $0 + Double($1.value) * (densities[$1.key] ?? 1) }
    self.init(
      macs: total / samples, originalMacs: original.values.reduce(0, +) / samples,
      executedMacs: Int((executed / Double(samples)).rounded()))
  }
}

/// The share of weights that are not zero, of the nodes whose kernel skips zeros.
struct SparseDensities {
  private let values: [String: Double]

  init(of plan: ModelPlan, model: CompressedModel) {
    var densities: [String: Double] = [:]
    for layer in model.layers where layer.size.parameters > 0 {
      for node in layer.nodes {
        densities[node] = Double(layer.size.nonzeros) / Double(layer.size.parameters)
      }
    }
    var values: [String: Double] = [:]
    for layer in plan.layers where layer.kernel.contains("sparse") {
      values[layer.node] = densities[layer.node] ?? 1
    }
    self.values = values
  }

  /// Nil for a node whose kernel multiplies zeros, too.
  subscript(node: String) -> Double? { values[node] }
}
