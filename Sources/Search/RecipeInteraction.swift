import Compression
import Evaluation
import Recipes
import TensorCore

#if canImport(Glibc)
  import Glibc
#endif

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

  /// Change of accuracy that the steps add up to; nil where one has none.
  package var expectedDifference: Double? {
    let found = counted.compactMap(\.accuracy?.difference)
    return found.count == counted.count ? found.reduce(0, +) : nil
  }

  /// Size over the original's that the steps multiply to.
  package var expectedSize: Double { counted.reduce(1) { $0 * $1.size.ratio } }

  /// Speed over the original's that the steps multiply to; nil where one has none.
  package var expectedSpeed: SpeedRatio? {
    let found = counted.compactMap(\.speed)
    return found.count == counted.count ? found.reduce(.same) { $0 * $1 } : nil
  }

  /// How many times as fast as expected all together are; nil where a step has no speed.
  package var speedInteraction: SpeedRatio? {
    guard let expectedSpeed, let speed = together.speed else { return nil }
    return speed / expectedSpeed
  }
}

/// A ratio of speeds and its 95 % interval. Intervals of independent ratios combine by the root of the sum of squares of
/// their logarithmic widths, each side by itself.
package struct SpeedRatio: Sendable, Hashable {
  package var value: Double
  package var interval: Interval

  package init(value: Double, interval: Interval) {
    self.value = value
    self.interval = interval
  }

  static let same = SpeedRatio(value: 1, interval: Interval(low: 1, high: 1))

  package static func * (one: SpeedRatio, other: SpeedRatio) -> SpeedRatio {
    let value = one.value * other.value
    let below = width(one.value / one.interval.low, other.value / other.interval.low)
    let above = width(one.interval.high / one.value, other.interval.high / other.value)
    return SpeedRatio(value: value, interval: Interval(low: value / below, high: value * above))
  }

  package static func / (one: SpeedRatio, other: SpeedRatio) -> SpeedRatio {
    one
      * SpeedRatio(
        value: 1 / other.value, interval: Interval(low: 1 / other.interval.high, high: 1 / other.interval.low)
      )
  }

  private static func width(_ one: Double, _ other: Double) -> Double {
    let (left, right) = (log(max(one, 1)), log(max(other, 1)))
    return exp((left * left + right * right).squareRoot())
  }
}

extension Readings {
  fileprivate var speed: SpeedRatio? {
    latency.map { SpeedRatio(value: $0.speedup, interval: $0.speedupInterval) }
  }
}

extension SizeReading {
  /// Bytes over the original's.
  package var ratio: Double { Double(bytes) / Double(max(originalBytes, 1)) }
}

extension Recipe {
  /// The recipe with all settings but those of some knobs as in the original.
  fileprivate func keeping(_ knobs: Set<Setting>) -> Recipe {
    let kept = Setting.allCases.filter { knobs.contains($0.knob) }.map(\.key)
    var result = Recipe(model: LayerOverride(model, naming: kept).laid(over: LayerSettings()))
    for (name, override) in layers {
      let own = LayerOverride(override.laid(over: model), naming: kept.filter(override.named.contains))
      if !own.isEmpty { result.layers[name] = own }
    }
    return result
  }

  fileprivate var asksForNothing: Bool {
    model.isIdentity && layers.values.allSatisfy { $0.laid(over: model).isIdentity }
  }

  fileprivate func asks(for knob: Setting) -> Bool { !keeping([knob]).asksForNothing }
}
