import GraphIR
import TensorCore

/// A product with its constant on the left, W x, becomes (xᵀ Wᵀ)ᵀ, whose constant is on the right as in every other layer.
///
/// A constant that others read too stays where it is, since its copy would be a second weight.
struct LeftProducts: GraphPass {
  let label = "products with their constant on the left"

  func run(_ builder: inout GraphBuilder) throws {
    let graph = builder.graph
    let candidates = graph.nodes.filter { node in
      node.kind == "MatMul" && node.inputs.count == 2 && builder.weight(node.inputs[1]) == nil
        && builder.weight(node.inputs[0])?.shape.rank == 2
    }
    // Types are only worth finding where something asks for them.
    guard !candidates.isEmpty, let types = try? GraphTypes.inferUnderSmallNumbers(graph).types else { return }
    let readers = graph.readCounts
    let wanted = Set(candidates.filter { readers[$0.inputs[0]] == 1 }.map(\.name))
    builder.rewrite { node, builder in
      guard wanted.contains(node.name), let rank = types[node.inputs[1]]?.shape.rank,
        let turned = turned(builder.weight(node.inputs[0]))
      else { return nil }
      let weight = builder.add(turned, node.inputs[0] + "/turned")
      if rank == 1 {
        return [
          Node(name: node.name, kind: "MatMul", inputs: [node.inputs[1], weight], outputs: node.outputs)
        ]
      }
      var order = Array(0..<rank)
      order.swapAt(rank - 1, rank - 2)
      let (input, product) = (builder.fresh("\(node.name)/in"), builder.fresh("\(node.name)/product"))
      func transpose(_ what: String, _ from: String, _ to: String, _ builder: inout GraphBuilder) -> Node {
        Node(
          name: builder.fresh("\(node.name)/\(what)"), kind: "Transpose", inputs: [from], outputs: [to],
          attributes: ["perm": .ints(order)])
      }
      return [
        transpose("turn-in", node.inputs[1], input, &builder),
        Node(name: node.name, kind: "MatMul", inputs: [input, weight], outputs: [product]),
        transpose("turn-out", product, node.outputs[0], &builder),
      ]
    }
  }

  private func turned(_ weight: Weight?) -> Weight? {
    switch weight {
    case .quantized(let tensor): tensor.transposed.map { .quantized($0) }
    case .dense(let tensor) where tensor.dataType == .float32:
      .dense(tensor.transposedMatrix)
    default: nil
    }
  }
}

extension Tensor {
  /// A float32 matrix with rows and columns swapped.
  var transposedMatrix: Tensor {
    let (rows, columns) = (shape[0], shape[1])
    let values = floats
    return Tensor(shape: Shape(known: [columns, rows]), of: Float.self) { target in
      for row in 0..<rows {
        for column in 0..<columns { target[column * rows + row] = values[row * columns + column] }
      }
    }
  }
}

extension QuantizedTensor {
  /// A matrix of codes with rows and columns swapped, and its scales with it; nil where it is none, or where blocks do not
  /// run along channels.
  var transposed: QuantizedTensor? {
    guard shape.rank == 2, axis != nil || groupSize == nil else { return nil }
    let (rows, columns) = (shape[0], shape[1])
    var turned = [Int8](repeating: 0, count: codes.count)
    for row in 0..<rows {
      for column in 0..<columns { turned[column * rows + row] = codes[row * columns + column] }
    }
    return try? QuantizedTensor(
      shape: [columns, rows], bits: bits, axis: axis.map { 1 - $0 }, groupSize: groupSize, format: format,
      scales: scales, scaleStorage: scaleStorage, zeroPoints: zeroPoints, codes: turned)
  }
}
