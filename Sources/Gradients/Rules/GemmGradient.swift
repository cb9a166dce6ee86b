import GraphIR
import Rewriting

extension GradientRule {
  static let gemm = GradientRule("Gemm") { builder, node, place, g in
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
  }
}
