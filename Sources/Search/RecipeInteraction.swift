import Compression
import Evaluation
import Recipes

/// What the steps of a recipe cost alone, what they cost together, and how far the one says the other.
///
/// If steps did not get in each other's way, differences of accuracy would add up, and ratios of size and time would
/// multiply; what is left over is their interaction.
package struct RecipeInteraction: Sendable {
  /// One knob of the recipe, everything else as in the original.
  package struct Part: Sendable, Hashable {
    package let name: String
    package let recipe: Recipe
    /// Whether it counts for what is expected of all: 8-bit activations hold the weights' part already.
    package let counts: Bool
  }

  package struct Step: Sendable {
    package let part: Part
    package let measurement: Readings

    package init(part: Part, measurement: Readings) {
      self.part = part
      self.measurement = measurement
    }
  }

  package let steps: [Step]
  package let together: Readings

  package init(steps: [Step], together: Readings) {
    self.steps = steps
    self.together = together
  }

  /// The steps of a recipe in the order in which they run; those that ask for nothing are left out.
  package static func parts(of recipe: Recipe) -> [Part] {
    let activations = recipe.keeping([.weightBits, .activationBits])
    let weights = recipe.keeping([.weightBits])
    let both = recipe.asks(for: .activationBits)
    let all = [
      Part(name: "prune", recipe: recipe.keeping([.prune]), counts: true),
      Part(name: "rank", recipe: recipe.keeping([.rank]), counts: true),
      Part(name: "weights", recipe: weights, counts: !both),
    ]
    return all.filter { !$0.recipe.asksForNothing }
      + (both ? [Part(name: "weights and activations", recipe: activations, counts: true)] : [])
  }

  /// Measures every step alone, then all together.
  /// - Parameters:
  ///   - measure: gives a recipe's settled measurement.
  ///   - step: called before each measurement with how many are done, of how many, and the name of the next.
  /// - Throws: what `measure` throws.
  package static func measure(
    _ recipe: Recipe, with measure: (Recipe) async throws -> Readings, step: (Int, Int, String) -> Void
  ) async throws -> RecipeInteraction {
    let parts = parts(of: recipe)
    var steps: [Step] = []
    for (index, part) in parts.enumerated() {
      step(index, parts.count + 1, part.name)
      steps.append(Step(part: part, measurement: try await measure(part.recipe)))
    }
    step(parts.count, parts.count + 1, "together")
    return RecipeInteraction(steps: steps, together: try await measure(recipe))
  }

  private var counted: [Readings] { steps.filter(\.part.counts).map(\.measurement) }

  /// What the steps let expect of a figure, if they do not get in each other's way; nil where one has no value.
  package func expected(_ figure: Figure) -> FigureEffect? {
    let found = counted.map { FigureEffect(of: $0, on: figure) }
    guard var result = figure.combination.map(FigureEffect.none) else { return nil }
    for effect in found {
      guard let effect, let next = result.combined(with: effect) else { return nil }
      result = next
    }
    return result
  }

  /// What was measured of all together, against what was to be expected.
  package func interaction(_ figure: Figure) -> FigureEffect? {
    guard let expected = expected(figure) else { return nil }
    return FigureEffect(of: together, on: figure)?.apart(from: expected)
  }
}

extension Recipe {
  /// The recipe with all settings but those of some knobs as in the original.
  fileprivate func keeping(_ knobs: Set<Setting>) -> Recipe {
    let kept = Setting.allCases.filter { knobs.contains($0.knob) }
    var result = Recipe(model: LayerOverride(model, naming: kept).laid(over: LayerSettings()))
    for (name, override) in layers {
      let own = LayerOverride(
        override.laid(over: model), naming: kept.filter { override.named.contains($0.key) })
      if !own.isEmpty { result.layers[name] = own }
    }
    return result
  }

  fileprivate var asksForNothing: Bool {
    model.isIdentity && layers.values.allSatisfy { $0.laid(over: model).isIdentity }
  }

  fileprivate func asks(for knob: Setting) -> Bool { !keeping([knob]).asksForNothing }
}
