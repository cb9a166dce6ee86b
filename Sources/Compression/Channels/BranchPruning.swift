import GraphIR
import Gradients
import Operators
import Rewriting
import Recipes
import TensorCore

/// Removes whole branches beside residual connections: the network works on with what flows past them (Veit et al. 2016,
/// arXiv:1605.06431; Men et al. 2024, arXiv:2403.03853). The criterion judges by what each branch adds on calibration data.
struct BranchPruning: CompressionPass {
  let label = "branch pruning"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult(context)
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
      result.remark(layer, "it stands in no branch beside a residual connection: it cannot be removed")
    }
    guard !smallest.isEmpty else { return result }
    var criteria: [PruningCriterion] = []
    for branch in smallest {
      if let criterion = layers[branch.layers[0]]?.settings.criterion, !criteria.contains(criterion) {
        criteria.append(criterion)
      }
    }
    for criterion in criteria {
      let own = smallest.filter { layers[$0.layers[0]]?.settings.criterion == criterion }
      try prune(own, by: criterion, layers, context, &result)
    }
    return result
  }

  /// Removes of some branches the share that their layers ask for.
  private func prune(
    _ branches: [ResidualBranch], by criterion: PruningCriterion, _ layers: [String: TrackedLayer],
    _ context: PassContext, _ result: inout PassResult
  ) throws {
    let asked = branches.flatMap(\.layers).compactMap { layers[$0] }
    let ratios = branches.map { branch in branch.layers.compactMap { layers[$0]?.settings.prune }.min() ?? 0 }
    let count = Int(ratios.reduce(0, +).rounded())
    if count == 0 {
      for layer in asked {
        result.remark(layer, "\(branches.count) branches are too few to remove any at this ratio")
      }
      return
    }
    let scores = try Self.scores(branches, criterion, context, asked, &result)
    let order = branches.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
    for index in order.prefix(count) { Self.remove(branches[index], &result) }
  }

  /// Branches that hold no other.
  private static func withoutOuter(_ branches: [ResidualBranch]) -> [ResidualBranch] {
    branches.filter { branch in
      !branches.contains { $0.join != branch.join && branch.nodes.contains($0.join) }
    }
  }

  /// One per branch; the lowest go first.
  private static func scores(
    _ branches: [ResidualBranch], _ criterion: PruningCriterion, _ context: PassContext,
    _ asked: [TrackedLayer], _ result: inout PassResult
  ) throws -> [Double] {
    let worth: (ValueMoments, ValueMoments) -> Double
    switch criterion.branches {
    case .seeded(let draw):
      return branches.map { branch in
        var random = SeededGenerator(seed: StableHash.of(branch.join))
        return draw(&random)
      }
    case .outputs(let judged): worth = judged
    case nil:
      for layer in asked {
        result.remark(
          layer, "\(criterion.label) does not judge branches: those that add least to what flows past them go"
        )
      }
      return try scores(branches, .magnitude, context, asked, &result)
    }
    guard let activations = context.activations else {
      for layer in asked { result.remark(layer, "without calibration data, branches go by their weights") }
      return branches.map { meanSquare(of: $0, context) }
    }
    var moments: [String: ValueMoments] = [:]
    try activations.observe(Set(branches.flatMap { [$0.skip, $0.output] }), of: context.graph) {
      name, _, values in
      moments[name, default: ValueMoments()].add(values)
    }
    return branches.map { worth(moments[$0.output] ?? ValueMoments(), moments[$0.skip] ?? ValueMoments()) }
  }

  /// The mean square of a branch's weights.
  private static func meanSquare(of branch: ResidualBranch, _ context: PassContext) -> Double {
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

  private static func remove(_ branch: ResidualBranch, _ result: inout PassResult) {
    for name in branch.nodes { result.builder.remove(name) }
    result.builder.edit(branch.join) { join in
      join.kind = "Identity"
      join.inputs = [branch.skip]
      join.attributes = [:]
    }
  }
}
