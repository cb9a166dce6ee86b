import GraphIR
import Gradients
import Operators
import Rewriting
import TensorCore

/// Removes whole branches beside residual connections, which what flows past them outlives (Veit et al. 2016,
/// arXiv:1605.06431; Men et al. 2024, arXiv:2403.03853): those first that add least to it, by the root mean square of
/// what they add over that of what flows past, on calibration data.
struct BranchPruning: CompressionPass {
  let label = "branch pruning"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult()
    let asked = context.layers.filter { $0.settings.pattern == .layers && $0.settings.prune > 0 }
    guard !asked.isEmpty else { return result }
    let shapes: [String: Shape]
    do {
      shapes = try GraphTypes.inferUnderSmallNumbers(
        context.graph, prepare: { try GradientExpansion.expanded($0, dimensions: $1) }
      ).types.mapValues(\.shape)
    } catch {
      for layer in asked { result.remark(layer, "no layers can be removed: \(error)") }
      return result
    }
    let layers = Dictionary(asked.map { ($0.layer.name, $0) }, uniquingKeysWith: { first, _ in first })
    let all = Set(context.layers.map(\.layer.name))
    let branches = ResidualBranch.all(in: context.graph, layers: all, shapes: shapes)
      .filter { $0.layers.allSatisfy { layers[$0] != nil } }
    let smallest = Self.withoutOuter(branches)
    let inside = Set(smallest.flatMap(\.layers))
    for layer in asked where !inside.contains(layer.layer.name) {
      result.remark(layer, "no residual flows past it alone: it cannot be removed")
    }
    guard !smallest.isEmpty else { return result }
    let ratios = smallest.map { branch in branch.layers.compactMap { layers[$0]?.settings.prune }.min() ?? 0 }
    let count = Int(ratios.reduce(0, +).rounded())
    if count == 0 {
      for layer in asked where inside.contains(layer.layer.name) {
        result.remark(layer, "\(smallest.count) branches are too few to remove any at this ratio")
      }
      return result
    }
    let method = asked[0].settings.pruning
    let scores = try Self.scores(smallest, method, context, asked, &result)
    let order = smallest.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
    for index in order.prefix(count) { Self.remove(smallest[index], from: context.graph, &result) }
    return result
  }

  /// Branches that hold no other.
  private static func withoutOuter(_ branches: [ResidualBranch]) -> [ResidualBranch] {
    branches.filter { branch in
      !branches.contains { $0.join != branch.join && branch.nodes.contains($0.join) }
    }
  }

  private static func scores(
    _ branches: [ResidualBranch], _ method: PruningMethod, _ context: PassContext, _ asked: [TrackedLayer],
    _ result: inout PassResult
  ) throws -> [Double] {
    if method == .random {
      return branches.map { branch in
        var random = SeededGenerator(seed: StableHash.of(branch.join))
        return Double(random.next() >> 11)
      }
    }
    guard let activations = context.activations else {
      for layer in asked { result.remark(layer, "without calibration data, branches go by their weights") }
      return branches.map { branch in
        let weights = context.layers.filter { branch.layers.contains($0.layer.name) }
        let squares = weights.reduce(0.0) { sum, layer in
          sum
            + (context.weight(of: layer).map {
              ChannelNorms.sums(of: $0, axis: 0) { Double($0) * Double($0) }
            } ?? [])
            .reduce(0, +)
        }
        return squares / Double(max(1, weights.reduce(0) { $0 + $1.layer.parameters }))
      }
    }
    var squares: [String: Double] = [:]
    try activations.observe(Set(branches.flatMap { [$0.skip, $0.output] }), of: context.graph) {
      name, _, values in
      var sum = 0.0
      for value in values { sum += Double(value) * Double(value) }
      squares[name, default: 0] += sum
    }
    return branches.map { branch in
      let past = squares[branch.skip] ?? 0
      return past > 0 ? ((squares[branch.output] ?? 0) / past).squareRoot() : .infinity
    }
  }

  private static func remove(_ branch: ResidualBranch, from graph: Graph, _ result: inout PassResult) {
    for name in branch.nodes { result.patch.replacements[name] = [] }
    guard var join = graph.nodes.first(where: { $0.name == branch.join }) else { return }
    join.kind = "Identity"
    join.inputs = [branch.skip]
    join.attributes = [:]
    result.patch.replacements[branch.join] = [join]
  }
}
