import Recipes
import TensorCore

extension PruningCriterion {
  package static let random = PruningCriterion(
    "random",
    MethodNote(
      "Anything goes, drawn with a fixed seed: the control that a method has to beat.",
      source: "Blalock et al. 2020, arXiv:2003.03033"),
    weights: WeightJudgement { matrix, pruning in
      // The same for the same layer, and one draw whatever the count, so that more pruning keeps what less has removed.
      var generator = SeededGenerator(seed: StableHash.of(pruning.layer.weightName))
      let scores = matrix.values.indices.map { _ in Float(generator.next() >> 40) }
      return pruning.selection.keep(scores, removing: pruning.count, perRow: false)
    },
    channels: .seeded { Double($0.next() >> 11) },
    branches: .seeded { Double($0.next() >> 11) })
}
