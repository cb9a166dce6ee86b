import GraphIR
import TensorCore

/// An Einsum of a value and a constant that contracts as a matrix product does becomes one, between reshapes and
/// transposes: "bld,dhk->blhk" is a MatMul with a weight [d, h k].
struct EinsumProducts: GraphPass {
  let label = "Einsum products"

  func run(_ builder: inout GraphBuilder) throws {
    builder.rewrite { node, builder in
      guard node.kind == "Einsum", node.inputs.count == 2, let equation = node.string("equation"),
        let parsed = Equation(equation)
      else { return nil }
      for place in [1, 0] {
        if let constant = builder.dense(node.inputs[place]), constant.dataType == .float32 {
          return product(node, parsed.with(constantAt: place), constant, x: node.inputs[1 - place], &builder)
        }
      }
      return nil
    }
  }

  /// Letters of the value, of the constant and of the result.
  struct Equation {
    let value: [Character]
    let constant: [Character]
    let result: [Character]

    private init(value: [Character], constant: [Character], result: [Character]) {
      self.value = value
      self.constant = constant
      self.result = result
    }

    /// Nil for ellipses, repeated letters and other than two operands.
    init?(_ text: String) {
      let text = text.filter { $0 != " " }
      guard !text.contains("."), let arrow = text.firstRange(of: "->") else { return nil }
      let operands = text[..<arrow.lowerBound].split(separator: ",", omittingEmptySubsequences: false).map {
        Array($0)
      }
      let result = Array(text[arrow.upperBound...])
      guard operands.count == 2, (operands + [result]).allSatisfy({ Set($0).count == $0.count }) else {
        return nil
      }
      self.init(value: operands[0], constant: operands[1], result: result)
    }

    func with(constantAt place: Int) -> Equation {
      place == 1 ? self : Equation(value: constant, constant: value, result: result)
    }
  }

  private func product(
    _ node: Node, _ equation: Equation, _ constant: Tensor, x: String, _ builder: inout GraphBuilder
  ) -> [Node]? {
    let value = Set(equation.value)
    let weight = Set(equation.constant)
    let result = Set(equation.result)
    let contracted = equation.constant.filter { value.contains($0) }
    let rows = equation.result.filter { value.contains($0) && !weight.contains($0) }
    let columns = equation.result.filter { weight.contains($0) && !value.contains($0) }
    guard constant.shape.rank == equation.constant.count, !contracted.isEmpty, !rows.isEmpty,
      !columns.isEmpty,
      // Neither a letter of both operands that stays, nor one that only one operand has and the result has not.
      contracted.allSatisfy({ !result.contains($0) }), rows.count + contracted.count == value.count,
      columns.count + contracted.count == weight.count, rows.count + columns.count == result.count
    else { return nil }

    let sizes = Dictionary(uniqueKeysWithValues: zip(equation.constant, constant.shape.dimensions))
    let matrix = permuted(constant, equation.constant, to: contracted + columns, sizes)
    let depth = contracted.reduce(1) { $0 * (sizes[$1] ?? 1) }
    guard let tensor = try? matrix.reshaped(to: Shape([depth, constant.count / max(1, depth)])) else {
      return nil
    }
    let name = builder.add(.dense(tensor), node.inputs.first { $0 != x }.map { $0 + "/matrix" } ?? node.name)

    var nodes: [Node] = []
    var current = x
    func step(
      _ kind: OperatorKind, _ what: String, _ inputs: [String], _ attributes: [String: Attribute] = [:]
    ) {
      let output = builder.fresh("\(node.name)/\(what)")
      nodes.append(
        Node(
          name: kind == "MatMul" ? node.name : builder.fresh("\(node.name)/\(what)/node"), kind: kind,
          inputs: [current] + inputs, outputs: [output], attributes: attributes))
      current = output
    }
    if equation.value != rows + contracted {
      step("Transpose", "in", [], ["perm": .ints(places(of: rows + contracted, in: equation.value))])
    }
    if contracted.count > 1 {
      step("Reshape", "flat", [builder.add(rows.map { _ in 0 } + [-1], "\(node.name)/flat-shape")])
    }
    step("MatMul", "product", [name])
    if columns.count > 1 {
      let shape = rows.map { _ in 0 } + columns.map { sizes[$0] ?? 1 }
      step("Reshape", "split", [builder.add(shape, "\(node.name)/split-shape")])
    }
    if equation.result != rows + columns {
      step("Transpose", "out", [], ["perm": .ints(places(of: equation.result, in: rows + columns))])
    }
    nodes[nodes.count - 1].outputs = node.outputs
    return nodes
  }

  private func places(of wanted: [Character], in letters: [Character]) -> [Int] {
    wanted.compactMap { letters.firstIndex(of: $0) }
  }

  private func permuted(
    _ tensor: Tensor, _ letters: [Character], to wanted: [Character], _ sizes: [Character: Int]
  ) -> Tensor {
    if letters == wanted { return tensor }
    let strides = tensor.shape.strides
    let order = places(of: wanted, in: letters)
    let shape = Shape(known: order.map { tensor.shape[$0] })
    let source = tensor.floats
    return Tensor(shape: shape, of: Float.self) { target in
      var index = [Int](repeating: 0, count: order.count)
      for place in target.indices {
        var offset = 0
        for axis in order.indices { offset += index[axis] * strides[order[axis]] }
        target[place] = source[offset]
        for axis in order.indices.reversed() {
          index[axis] += 1
          if index[axis] < shape[axis] { break }
          index[axis] = 0
        }
      }
    }
  }
}
