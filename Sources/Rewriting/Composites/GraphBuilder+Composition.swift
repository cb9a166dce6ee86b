import GraphIR
import Operators

extension GraphBuilder {
  /// The composition that a node stands for.
  /// - Parameter types: of the node's inputs.
  /// - Throws: `OperatorError`.
  func composition(
    of node: Node, _ member: any CompositeOperator, types: (String) throws -> TensorType
  ) throws -> Composition {
    try Composition(
      member,
      OperatorSite(
        node: node, opset: graph.opset(of: node),
        inputs: try node.inputs.map { $0.isEmpty ? nil : try types($0) },
        constants: node.inputs.map { knownValue($0) }),
      registry: registry)
  }

  /// Puts the nodes of a composition in the place of the one that stands for it.
  ///
  /// The product or convolution keeps the node's name, so that a layer keeps its own; where there is none, the last node.
  /// - Parameter keepsOpset: whether the nodes follow the graph's operator set, in which they must mean the same.
  mutating func replace(_ node: Node, by composition: Composition, keepsOpset: Bool) {
    var names: [Int: String] = [:]
    var copies: [(from: Composition.Value, to: String)] = []
    for (output, result) in zip(node.outputs, composition.results) where !output.isEmpty {
      guard let result else { continue }
      if case .temporary(let place) = result, names[place] == nil {
        names[place] = output
      } else {
        copies.append((result, output))
      }
    }
    let last = composition.steps.count - 1
    let main = composition.steps.firstIndex { GraphBuilder.layers.contains($0.kind.type) } ?? last
    var nodes: [Node] = []
    for (index, step) in composition.steps.enumerated() {
      let title = index == main ? node.name : fresh("\(node.name)/\(step.kind.type)")
      var inputs = step.inputs.map { name(of: $0, node, names) }
      while inputs.last?.isEmpty == true { inputs.removeLast() }
      for place in step.outputs where names[place] == nil {
        names[place] = fresh("\(node.name)/\(step.kind.type)/value", composition.temporaries[place])
      }
      nodes.append(
        Node(
          name: title, kind: step.kind, inputs: inputs, outputs: step.outputs.map { names[$0] ?? "" },
          attributes: step.attributes, opset: opset(step.kind, keepsOpset: keepsOpset)))
    }
    for copy in copies {
      nodes.append(
        Node(
          name: fresh("\(node.name)/Identity"), kind: "Identity", inputs: [name(of: copy.from, node, names)],
          outputs: [copy.to]))
    }
    replace(node.name, with: nodes)
  }

  private mutating func name(of value: Composition.Value?, _ node: Node, _ names: [Int: String]) -> String {
    switch value {
    case .input(let index): node.inputs[index]
    case .constant(let tensor): add(tensor, "\(node.name)/constant")
    case .temporary(let place): names[place] ?? ""
    case nil: ""
    }
  }

  private func opset(_ kind: OperatorKind, keepsOpset: Bool) -> Int? {
    keepsOpset || !kind.domain.isEmpty || graph.opset == Composition.opset ? nil : Composition.opset
  }

  private static let layers: Set<String> = [
    "Conv", "Gemm", "MatMul", "FusedConv", "FusedGemm", "QLinearConv", "MatMulInteger", "ConvInteger",
  ]
}
