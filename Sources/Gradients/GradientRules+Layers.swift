import GraphIR
import Rewriting
import TensorCore

extension GradientRules {
  /// Products, and Softmax.
  static let matrices: [OperatorKind: Rule] = [
    "MatMul": { builder, node, place, g in
      let (a, b) = (node.inputs[0], node.inputs[1])
      let (left, right) = (try builder.shape(of: a), try builder.shape(of: b))
      // A list on the left is a row, on the right a column.
      let rows = try builder.reshaped(a, to: left.rank == 1 ? Shape([1, left[0]]) : left)
      let columns = try builder.reshaped(b, to: right.rank == 1 ? Shape([right[0], 1]) : right)
      var dimensions = try builder.shape(of: g).dimensions
      if left.rank == 1 { dimensions.insert(1, at: dimensions.count - (right.rank == 1 ? 0 : 1)) }
      if right.rank == 1 { dimensions.append(1) }
      let upstream = try builder.reshaped(g, to: Shape(dimensions))
      let own: String
      if place == 0 {
        own = try builder.add("MatMul", [upstream, try builder.swappingLastAxes(columns)])
      } else {
        own = try builder.add("MatMul", [try builder.swappingLastAxes(rows), upstream])
      }
      let whole = try builder.unbroadcast(own, to: builder.shape(of: place == 0 ? rows : columns))
      return try builder.reshaped(whole, to: place == 0 ? left : right)
    },
    "Gemm": { builder, node, place, g in
      let (a, b) = (node.inputs[0], node.inputs[1])
      let (alpha, beta) = (Double(node.float("alpha") ?? 1), Double(node.float("beta") ?? 1))
      let (transA, transB) = (node.int("transA") ?? 0 != 0, node.int("transB") ?? 0 != 0)
      func gemm(_ left: String, _ turnsLeft: Bool, _ right: String, _ turnsRight: Bool) throws -> String {
        try builder.add(
          "Gemm", [left, right, try builder.scalar(0, like: g)],
          [
            "alpha": .float(Float(alpha)), "transA": .int(turnsLeft ? 1 : 0),
            "transB": .int(turnsRight ? 1 : 0),
          ])
      }
      switch place {
      case 0: return transA ? try gemm(b, transB, g, true) : try gemm(g, false, b, !transB)
      case 1: return transB ? try gemm(g, true, a, transA) : try gemm(a, !transA, g, false)
      default:
        let scaled =
          beta == 1 ? g : try builder.add("Mul", [g, try builder.scalar(beta, like: g)])
        return try builder.unbroadcast(scaled, to: builder.shape(of: node.inputs[2]))
      }
    },
    "Softmax": { builder, node, _, g in
      let y = node.outputs[0]
      let weighted = try builder.add("Mul", [g, y])
      let total = try builder.sum(weighted, over: normalizedAxes(node, builder))
      return try builder.add("Mul", [y, try builder.add("Sub", [g, total])])
    },
    "LogSoftmax": { builder, node, _, g in
      let total = try builder.sum(g, over: normalizedAxes(node, builder))
      let share = try builder.add("Mul", [try builder.add("Exp", [node.outputs[0]]), total])
      return try builder.add("Sub", [g, share])
    },
  ]

  /// Up to opset 12 everything from the axis on is one row.
  private static func normalizedAxes(_ node: Node, _ builder: GraphBuilder) throws -> [Int] {
    let rank = try builder.shape(of: node.inputs[0]).rank
    let given = node.int("axis") ?? (builder.graph.opset < 13 ? 1 : -1)
    let axis = given < 0 ? given + rank : given
    return builder.graph.opset < 13 ? Array(axis..<rank) : [axis]
  }

  /// Reductions and what moves elements.
  static let shapes: [OperatorKind: Rule] = [
    "ReduceSum": { builder, node, place, g in
      place == 0 ? try spread(&builder, node, g, isMean: false) : nil
    },
    "ReduceMean": { builder, node, place, g in
      place == 0 ? try spread(&builder, node, g, isMean: true) : nil
    },
    "Reshape": asBefore, "Flatten": asBefore, "Squeeze": asBefore, "Unsqueeze": asBefore,
    "Transpose": { builder, node, _, g in
      let rank = try builder.shape(of: g).rank
      let order = node.ints("perm") ?? Array((0..<rank).reversed())
      var inverse = [Int](repeating: 0, count: rank)
      for (place, axis) in order.enumerated() { inverse[axis] = place }
      return try builder.add("Transpose", [g], ["perm": .ints(inverse)])
    },
    "Expand": { builder, node, place, g in
      place == 0 ? try builder.unbroadcast(g, to: builder.shape(of: node.inputs[0])) : nil
    },
  ]

  private static let asBefore: Rule = { builder, node, place, g in
    place == 0 ? try builder.reshaped(g, to: builder.shape(of: node.inputs[0])) : nil
  }

  /// What every element of a sum, or a mean, gets.
  private static func spread(
    _ builder: inout GraphBuilder, _ node: Node, _ g: String, isMean: Bool
  ) throws -> String {
    let x = try builder.shape(of: node.inputs[0])
    // What is reduced can be told from what is left where the axes stay; without them, from a run that keeps them.
    let kept = try builder.keptShape(node)
    var gradient = try builder.reshaped(g, to: kept)
    if isMean, kept.count > 0 {
      let share = Double(kept.count) / Double(max(x.count, 1))
      gradient = try builder.add("Mul", [gradient, try builder.scalar(share, like: gradient)])
    }
    return try builder.expanded(gradient, to: x)
  }
}
