import GraphIR
import TensorCore

/// The counts that several operators share.
extension MultiplyAddCount {
  /// Every output element is a sum over one filter of the weight [outputs, ...] at input `place`.
  static func convolution(weight place: Int = 1) -> MultiplyAddCount {
    .counted { shapes in
      guard let weight = shapes.input(place), let output = shapes.output, weight.rank > 1, weight[0] > 0
      else { return nil }
      return output.count * (weight.count / weight[0])
    }
  }

  /// Every input element times the filters it goes through.
  static let transposedConvolution = counted { shapes in
    guard let weight = shapes.input(1), let input = shapes.input(0), weight.rank > 1, weight[0] > 0 else {
      return nil
    }
    return input.count * (weight.count / weight[0])
  }

  static let gemm = counted { shapes in
    guard let left = shapes.input(0), let output = shapes.output, left.rank == 2 else { return nil }
    return output.count * left[(shapes.node.int("transA") ?? 0) == 0 ? 1 : 0]
  }

  /// Every output element is a sum along the last axis of the first input.
  static let product = counted { shapes in
    guard let depth = shapes.input(0)?.dimensions.last, let output = shapes.output else { return nil }
    return output.count * depth
  }

  static let turnedProduct = counted { shapes in
    guard let left = shapes.input(0), let output = shapes.output, left.rank >= 2,
      (shapes.node.int("transBatchA") ?? 0) == 0
    else { return nil }
    return output.count * left[left.rank - ((shapes.node.int("transA") ?? 0) == 0 ? 1 : 2)]
  }

  /// Of two operands, the product of all sizes; of one, nothing is multiplied; of more the order is free.
  static let einsum = counted { shapes in
    let operands = shapes.inputs.compactMap { $0 }
    guard operands.count == shapes.node.inputs.count else { return nil }
    if operands.count == 1 { return 0 }
    let left = (shapes.node.string("equation") ?? "").replacing(" ", with: "").split(separator: "-").first
    guard let terms = left?.split(separator: ",", omittingEmptySubsequences: false), operands.count == 2,
      terms.count == 2, zip(terms, operands).allSatisfy({ $0.count == $1.rank })
    else { return nil }
    var sizes: [Character: Int] = [:]
    for (term, shape) in zip(terms, operands) {
      for (label, size) in zip(term, shape.dimensions) { sizes[label] = max(sizes[label] ?? 1, size) }
    }
    return sizes.values.reduce(1, *)
  }

  /// W [directions, gates * hidden, inputs] and R [directions, gates * hidden, hidden], once per sample and time step.
  static let recurrent = counted { shapes in
    guard let x = shapes.input(0), let w = shapes.input(1), let r = shapes.input(2), x.rank == 3 else {
      return nil
    }
    return x[0] * x[1] * (w.count + r.count)
  }

  /// Queries times keys and weights times values, heads by heads or packed side by side.
  static func attention(pastKey: Int) -> MultiplyAddCount {
    .counted { shapes in
      guard let query = shapes.input(0), let key = shapes.input(1), let output = shapes.output,
        query.rank == key.rank, output.rank == query.rank, query.rank == 3 || query.rank == 4
      else { return nil }
      let length = key.rank - 2
      var keys = key[length]
      if let past = shapes.input(pastKey) {
        guard past.rank == 4 else { return nil }
        keys += past[2]
      }
      return (query.count + output.count) * keys
    }
  }

  static let runsGraphs = uncounted("how often its graphs run is known when it runs")
}
