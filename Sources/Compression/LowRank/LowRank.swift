import GraphIR
import Operators
import Recipes
import Rewriting
import TensorCore

/// Replaces a layer by smaller ones, by one of the factorizations, where that stores fewer weights.
///
/// The nodes are NAME/rank0, NAME/rank1 (and NAME/rank2); the bias stays with the last. With a sparse residual, NAME/sparse
/// holds what the factors miss most, and NAME/sum adds both.
struct LowRank: CompressionPass {
  let label = "low rank"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult(context)
    var made: [String: [String]] = [:]
    var products: [String: WeightMatrix] = [:]
    let nodes = Dictionary(
      context.graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for tracked in context.layers where tracked.settings.rank < 1 {
      try Task.checkCancellation()
      let layer = tracked.layer
      guard let weight = context.weight(of: tracked), var node = nodes[layer.name] else { continue }
      guard layer.groups == 1 else {
        result.remark(tracked, "a grouped convolution is not factorized: rank has no effect here")
        continue
      }
      let place = BiasPlace(layer, node: node, nodes: nodes, in: context.graph)
      let factors = LayerFactors(tracked, weight: weight, hasBias: place != nil, context: context)
      let inputs = try factors.inputs(&result)
      let plan = try factors.plan(inputs)
      guard plan.parameters < layer.parameters else {
        result.remark(
          tracked, "rank \(plan.description) saves nothing at \(layer.outputs)x\(layer.inputs)")
        continue
      }
      guard plan.savesBytes(weight, under: tracked.settings) else {
        let form = weight.form(under: tracked.settings) ?? "weights, many of them zeros,"
        result.remark(
          tracked, "rank \(plan.description) takes more bytes than its \(form) already do: left as it is")
        continue
      }
      if tracked.settings.factorization != plan.method, made[layer.weightName] == nil,
        !tracked.settings.factorization.code.applies(to: layer)
      {
        result.remark(
          tracked,
          "\(tracked.settings.factorization.label) needs a window of several places: taken apart by svd")
      }
      if made[layer.weightName] == nil {
        var weights: [String] = []
        let pieces = try factors.pieces(plan, inputs)
        if place != nil { products[layer.weightName] = try factors.product(of: pieces, plan, inputs) }
        for (index, piece) in pieces.enumerated() {
          let isResidual = piece.state.isResidual
          let name = result.builder.fresh("\(layer.weightName)/" + (isResidual ? "sparse" : "rank\(index)"))
          result.set(piece.weight, named: name, state: piece.state)
          weights.append(name)
        }
        made[layer.weightName] = weights
      }
      if let inputs, let place, let product = products[layer.weightName] {
        let error = BiasCorrection.shift(WeightMatrix(weight, layer: layer), product, inputs)
        let name = result.builder.add(place.bias(without: error), "\(layer.weightName)/rank-bias")
        let changed = place.node(reading: name)
        if changed.name == node.name {
          node = changed
        } else {
          result.builder.replace(changed.name, with: [changed])
        }
      }
      let replacement = FactorNodes(node: node, layer: layer, plan: plan).nodes(
        weights: made[layer.weightName] ?? [], &result.builder)
      result.builder.replace(node.name, with: replacement)
      for node in replacement { result.origins[node.name] = tracked.origin }
    }
    keepShapes(of: Set(made.keys), context, &result)
    return result
  }

  /// Who reads a weight's shape alone reads it as a constant once the weight is gone.
  private func keepShapes(of weights: Set<String>, _ context: PassContext, _ result: inout PassResult) {
    let registry = result.builder.registry
    for node in context.graph.nodes {
      guard let name = node.input(0), weights.contains(name), node.inputs.count == 1,
        registry[node.kind]?.traits(of: node.kind).promises.contains(.typeOnly) == true,
        let weight = context.graph.initializers[name], let output = node.outputs.first,
        let shape = try? registry.evaluate(
          node, opset: context.graph.opset(of: node), constants: [weight.tensor]
        ).first ?? nil
      else { continue }
      result.builder.set(.dense(shape), named: output)
      result.builder.remove(node.name)
    }
  }
}

/// The nodes that stand for a factorized one.
private struct FactorNodes {
  let node: Node
  let layer: Layer
  let plan: LowRankPlan

  func nodes(weights: [String], _ builder: inout GraphBuilder) -> [Node] {
    if layer.form == .gather { return lookup(weights, &builder) }
    let hasResidual = plan.residual > 0
    let chain = hasResidual ? Array(weights.dropLast()) : weights
    var result: [Node] = []
    var value = node.inputs[0]
    let sum = hasResidual ? builder.fresh("\(node.name)/rank/output") : node.outputs[0]
    for (index, weight) in chain.enumerated() {
      var piece = node
      piece.name = builder.fresh("\(node.name)/rank\(index)")
      let isLast = index == chain.count - 1
      piece.inputs = [value, weight] + (isLast ? Array(node.inputs.dropFirst(2)) : [])
      value = isLast ? sum : builder.fresh("\(node.name)/rank\(index)/output")
      piece.outputs = [value]
      piece.attributes = attributes(of: index, isLast: isLast)
      result.append(piece)
    }
    guard hasResidual, let weight = weights.last else { return result }
    var sparse = node
    sparse.name = builder.fresh("\(node.name)/sparse")
    sparse.inputs = [node.inputs[0], weight]
    sparse.outputs = [builder.fresh("\(node.name)/sparse/output")]
    sparse.attributes["beta"] = nil
    result.append(sparse)
    result.append(
      Node(
        name: builder.fresh("\(node.name)/sum"), kind: "Add", inputs: [value, sparse.outputs[0]],
        outputs: node.outputs))
    return result
  }

  /// Rows of the thin table, which a product makes as wide as those of the whole one.
  private func lookup(_ weights: [String], _ builder: inout GraphBuilder) -> [Node] {
    var thin = node
    thin.name = builder.fresh("\(node.name)/rank0")
    thin.inputs[0] = weights[0]
    thin.outputs = [builder.fresh("\(node.name)/rank0/output")]
    let wide = Node(
      name: builder.fresh("\(node.name)/rank1"), kind: "MatMul", inputs: [thin.outputs[0], weights[1]],
      outputs: node.outputs)
    return [thin, wide]
  }

  private func attributes(of index: Int, isLast: Bool) -> [String: Attribute] {
    var attributes = node.attributes
    switch layer.form {
    case .matMul, .gather: return attributes
    case .gemm:
      if isLast {
        attributes["transA"] = nil
      } else {
        attributes["alpha"] = nil
        attributes["beta"] = nil
      }
      return attributes
    case .conv: break
    }
    let single = node.attributes.filter { $0.key == "group" }
    return plan.method.code.attributes(of: node, piece: index, ranks: plan.ranks, single: single)
  }
}
