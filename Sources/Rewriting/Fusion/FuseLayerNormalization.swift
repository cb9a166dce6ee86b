import GraphIR
import TensorCore

/// (x - mean) / sqrt(variance + epsilon), scaled and shifted, as exporters before operator set 17 write it out in up to
/// nine nodes, becomes one LayerNormalization (Ba, Kiros and Hinton, arXiv:1607.06450).
struct FuseLayerNormalization: GraphPass {
  let label = "fuse layer normalization"

  func run(_ builder: inout GraphBuilder) throws {
    let base = builder.base
    let pattern = builder.neighbours()
    for (index, centre) in base.graph.nodes.enumerated() where centre.kind == "Sub" {
      guard let found = match(index, pattern), let type = base.types[found.input],
        type.dataType == .float32,
        pattern.soleOutput(found.last).flatMap({ base.types[$0] }) == type,
        let width = type.shape.dimensions.last
      else { continue }
      var inputs = [found.input]
      for (value, missing) in [(found.scale, Float(1)), (found.offset, 0)] {
        if let value {
          inputs.append(value)
          continue
        }
        let row = Tensor(shape: Shape(known: [width]), of: Float.self) { $0.update(repeating: missing) }
        inputs.append(builder.add(row, "\(centre.name)/constant"))
      }
      builder.edit(pattern.node(found.last).name) { node in
        node.kind = "LayerNormalization"
        node.inputs = inputs
        node.attributes = ["axis": .int(-1), "epsilon": .float(found.epsilon)]
      }
    }
  }

  private struct Match {
    let input: String
    let epsilon: Float
    var scale: String?
    var offset: String?
    var last: Int
  }

  private func match(_ centre: Int, _ pattern: NodePattern) -> Match? {
    let node = pattern.node(centre)
    guard node.inputs.count == 2, let centred = node.outputs.first,
      let mean = pattern.producer(node.inputs[1], ["ReduceMean"]), averages(mean, node.inputs[0], pattern),
      pattern.onlyReader(mean, ["Sub"]) == centre,
      let division = pattern.readers(of: centred).first(where: {
        pattern.node($0).kind == "Div" && pattern.node($0).input(0) == centred
      }),
      let root = pattern.producer(pattern.node(division).input(1), ["Sqrt"]),
      let sum = pattern.producer(pattern.node(root).input(0), ["Add"]),
      let variance = pattern.node(sum).inputs.lazy.compactMap({ pattern.producer($0, ["ReduceMean"]) }).first,
      let square = pattern.producer(pattern.node(variance).input(0), ["Pow", "Mul"]),
      squares(square, centred, pattern), averages(variance, pattern.node(square).outputs[0], pattern),
      let epsilon = pattern.base.scalar(pattern.other(sum, than: pattern.node(variance).outputs[0])),
      epsilon >= 0, pattern.isRead(centred, onlyBy: [square, division]),
      pattern.onlyReader(square, ["ReduceMean"]) == variance, pattern.onlyReader(variance, ["Add"]) == sum,
      pattern.onlyReader(sum, ["Sqrt"]) == root, pattern.onlyReader(root, ["Div"]) == division
    else { return nil }
    var found = Match(input: node.inputs[0], epsilon: epsilon, last: division)
    let width = pattern.base.types[found.input]?.shape.dimensions.last
    func parameter(_ index: Int) -> String? {
      let other = pattern.other(index, than: pattern.node(found.last).outputs[0])
      guard let constant = pattern.base.constant(other), constant.dataType == .float32,
        constant.shape.dimensions == [width]
      else { return nil }
      return other
    }
    if let product = pattern.onlyReader(found.last, ["Mul"]), let scale = parameter(product) {
      found.scale = scale
      found.last = product
    }
    if let shifted = pattern.onlyReader(found.last, ["Add"]), let offset = parameter(shifted) {
      found.offset = offset
      found.last = shifted
    }
    return found
  }

  /// Whether a node takes the mean of `name` over its last axis and keeps that axis.
  private func averages(_ index: Int, _ name: String, _ pattern: NodePattern) -> Bool {
    let node = pattern.node(index)
    guard node.input(0) == name, (node.int("keepdims") ?? 1) == 1,
      let rank = pattern.base.types[name]?.shape.rank
    else { return false }
    let axes = node.ints("axes") ?? pattern.base.constant(node.input(1))?.integers ?? []
    return axes == [-1] || axes == [rank - 1]
  }

  private func squares(_ index: Int, _ name: String, _ pattern: NodePattern) -> Bool {
    let node = pattern.node(index)
    if node.kind == "Mul" { return node.inputs == [name, name] }
    return node.input(0) == name && pattern.base.scalar(node.input(1)) == 2
  }
}
