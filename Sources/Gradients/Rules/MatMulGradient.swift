import GraphIR
import Rewriting
import TensorCore

extension GradientRule {
  static let matMul = GradientRule("MatMul") { builder, node, place, g in
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
  }
}
