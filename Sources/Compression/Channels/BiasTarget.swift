import GraphIR
import Rewriting
import TensorCore

/// Where a layer's bias is, or is to be, while its outputs are being removed.
struct BiasTarget {
  let layer: Layer
  let graph: Graph

  /// Adds to what the layer gives, one number for each output that stays.
  func add(_ change: [Float], _ builder: inout GraphBuilder) throws {
    guard let node = builder.node(named: layer.name) else { return }
    let isGemm = layer.form == .gemm
    let alpha = isGemm ? node.float("alpha") ?? 1 : 1
    let beta = isGemm && layer.biasName != nil ? node.float("beta") ?? 1 : 1
    guard beta != 0 else { return }
    let scaled = change.map { $0 * alpha / beta }
    guard layer.biasName != nil else {
      if node.input(2) == nil { try insert(scaled, node, &builder) }
      return
    }
    // By now the node may read a bias of its own in the place of one that others read too.
    guard let place = ConstantPlace(biasOf: layer, in: graph),
      let name = builder.node(named: place.node)?.input(place.input),
      let bias = builder.weight(name), let row = bias.row(count: change.count)
    else { return }
    let sum = zip(row, scaled).map { $0 + $1 }
    let isShared = (graph.consumers[name]?.count ?? 0) > 1 || bias.shape.count != sum.count
    guard isShared else { return builder.set(try bias.replacing(with: sum), named: name) }
    let own = builder.add(try Tensor(shape: [sum.count], sum), "\(layer.name)/bias")
    builder.edit(place.node) { $0.inputs[place.input] = own }
  }

  private func insert(_ bias: [Float], _ node: Node, _ builder: inout GraphBuilder) throws {
    let own = builder.add(try Tensor(shape: [bias.count], bias), "\(layer.name)/bias")
    guard layer.form == .matMul else {
      builder.edit(layer.name) { node in
        node.inputs = Array(node.inputs.prefix(2)) + [own]
        node.attributes["beta"] = nil
      }
      return
    }
    let product = builder.fresh("\(layer.name)/product")
    let output = node.outputs[0]
    builder.edit(layer.name) { $0.outputs[0] = product }
    let add = Node(
      name: builder.fresh("\(layer.name)/bias-add"), kind: "Add", inputs: [product, own], outputs: [output])
    builder.insert([add], after: layer.name)
  }
}
