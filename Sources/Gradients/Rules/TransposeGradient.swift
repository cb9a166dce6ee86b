import GraphIR
import Rewriting

extension GradientRule {
  static let transpose = GradientRule("Transpose") { builder, node, _, g in
    let rank = try builder.shape(of: g).rank
    let order = node.ints("perm") ?? Array((0..<rank).reversed())
    var inverse = [Int](repeating: 0, count: rank)
    for (place, axis) in order.enumerated() { inverse[axis] = place }
    return try builder.add("Transpose", [g], ["perm": .ints(inverse)])
  }
}
