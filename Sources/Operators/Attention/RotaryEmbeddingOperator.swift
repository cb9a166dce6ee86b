import GraphIR
import Kernels
import TensorCore

/// RotaryEmbedding: pairs of a head's elements turned by an angle that depends on the position (Su et al. 2021,
/// arXiv:2104.09864). Cosines and sines come as tables by position, or for every token.
struct RotaryEmbeddingOperator: Operator {
  let kinds: [OperatorKind] = ["RotaryEmbedding", OperatorKind("RotaryEmbedding", domain: "com.microsoft")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  private struct Plan: Sendable {
    let batch, length, heads, size, turned: Int
    let isPacked: Bool
    let isInterleaved: Bool
    let tableRows: Int
    let cosines, sines, positions: Int
    /// Whether a single position stands for the first token of every sample.
    let isOffset: Bool

    init(_ site: OperatorSite) throws {
      let x = try site.input(0).shape
      let isOnnx = site.kind.domain.isEmpty
      (cosines, sines, positions) = isOnnx ? (1, 2, 3) : (2, 3, 1)
      guard x.rank == 3 || x.rank == 4 else { throw site.inputError(0, expected: "of rank 3 or 4") }
      isPacked = x.rank == 3
      batch = x[0]
      isInterleaved = try site.flag("interleaved")
      let table = try site.input(cosines).shape
      guard try site.input(sines).shape == table, table.rank == 2 || table.rank == 3 else {
        throw site.inputError(sines, expected: "of the shape of the cosines, \(table)")
      }
      let given = try site.int("rotary_embedding_dim", default: 0)
      if isPacked {
        length = x[1]
        var heads = try site.int("num_heads", default: 0)
        if heads == 0, !isOnnx, table[1] > 0 { heads = given > 0 ? 0 : x[2] / (2 * table[1]) }
        guard heads >= 1, x[2] % heads == 0 else {
          throw site.attributeError(
            "num_heads", expected: "a divisor of the hidden size \(x[2])", found: "\(heads)")
        }
        self.heads = heads
        size = x[2] / heads
      } else {
        (heads, length, size) = (x[1], x[2], x[3])
      }
      turned = given == 0 ? size : given
      // Heads without elements would still be counted through.
      _ = try site.product(max(batch, 1), max(length, 1), heads)
      guard turned >= 0, turned <= size, turned % 2 == 0, table[table.rank - 1] == turned / 2 else {
        throw site.inputError(cosines, expected: "of \(turned / 2) columns, for \(turned) elements to turn")
      }
      if let ids = site.optionalInput(positions) {
        isOffset = !isOnnx && ids.shape.count == 1 && ids.shape.rank <= 1
        guard table.rank == 2, ids.dataType == .int64, isOffset || ids.shape.dimensions == [batch, length]
        else { throw site.inputError(positions, expected: "int64[\(batch), \(length)]") }
        tableRows = table[0]
      } else {
        guard table.rank == 3, table[0] == batch, table[1] == length else {
          throw site.inputError(cosines, expected: "of shape [\(batch), \(length), \(turned / 2)]")
        }
        isOffset = false
        tableRows = 0
      }
    }
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    let plan = try Plan(site)
    try site.input(plan.cosines, of: [type.dataType])
    try site.input(plan.sines, of: [type.dataType])
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(0, Visitor(site: site, plan: try Plan(site)))
  }

  private struct Visitor: RealVisitor {
    let site: OperatorSite
    let plan: Plan

    func visit<Element: RealElement>(_ type: Element.Type) throws -> OperatorBody {
      let half = plan.turned / 2
      let hasPositions = site.optionalInput(plan.positions) != nil
      let (kind, name) = (site.kind, site.node.name)
      return OperatorBody { [plan] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let input = arguments.input(0, as: Element.self)
        for sample in 0..<plan.batch {
          for token in 0..<plan.length {
            var row = sample * plan.length + token
            if hasPositions {
              let ids = arguments.input(plan.positions, as: Int64.self)
              let id = plan.isOffset ? Int(clamping: ids[0]) &+ token : Int(clamping: ids[row])
              guard (0..<plan.tableRows).contains(id) else {
                throw OperatorError.index(kind: kind, node: name, found: id, limit: plan.tableRows)
              }
              row = id
            }
            let cosine = arguments.input(plan.cosines, as: Element.self) + row * half
            let sine = arguments.input(plan.sines, as: Element.self) + row * half
            for head in 0..<plan.heads {
              let at =
                plan.isPacked
                ? ((sample * plan.length + token) * plan.heads + head) * plan.size
                : ((sample * plan.heads + head) * plan.length + token) * plan.size
              for pair in 0..<half {
                let (first, second) = plan.isInterleaved ? (2 * pair, 2 * pair + 1) : (pair, pair + half)
                let (real, imaginary) = (input[at + first], input[at + second])
                output[at + first] = cosine[pair] * real - sine[pair] * imaginary
                output[at + second] = sine[pair] * real + cosine[pair] * imaginary
              }
              for rest in plan.turned..<plan.size { output[at + rest] = input[at + rest] }
            }
          }
        }
      }
    }
  }
}
