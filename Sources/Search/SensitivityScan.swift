import Compression
import Evaluation
import Recipes

/// How much each layer alone suffers from each knob: every layer in turn gets one knob's amount, all others stay as
/// they are in the original.
package struct SensitivityScan: Sendable {
  /// One layer with one knob turned.
  package struct Probe: Hashable, Sendable {
    package let layer: String
    package let knob: Setting
    package let amount: SettingValue

    package init(layer: String, knob: Setting, amount: SettingValue) {
      self.layer = layer
      self.knob = knob
      self.amount = amount
    }

    package var recipe: Recipe {
      var override = LayerOverride()
      try? override.set(knob, to: amount)
      return Recipe(layers: [layer: override])
    }
  }

  package struct Result: Sendable {
    package let probe: Probe
    /// What was found, or why this layer could not be probed; the scan goes on.
    package let outcome: Swift.Result<DivergenceReading, any Error>
  }

  package let probes: [Probe]
  private let measure: @Sendable (Recipe) async throws -> DivergenceReading

  /// Amounts for knobs that a recipe leaves alone.
  package static let usualAmounts: [(knob: Setting, amount: SettingValue)] = [
    (.prune, .number(0.5)), (.weightBits, .word("4")), (.rank, .number(0.5)),
  ]

  /// The amount of each knob: the settings' own where they turn it, else the usual one.
  package static func amounts(for settings: LayerSettings) -> [(knob: Setting, amount: SettingValue)] {
    usualAmounts.map { knob, usual in
      let own = knob.value(in: settings)
      return (knob, own == knob.value(in: LayerSettings()) ? usual : own)
    }
  }

  /// Every layer under each knob of `amounts`, knob by knob, so that one knob's picture is whole early.
  package static func probes(
    layers: [String], amounts: [(knob: Setting, amount: SettingValue)]
  ) -> [Probe] {
    amounts.flatMap { knob, amount in layers.map { Probe(layer: $0, knob: knob, amount: amount) } }
  }

  package init(
    probes: [Probe], measure: @escaping @Sendable (Recipe) async throws -> DivergenceReading
  ) {
    self.probes = probes
    self.measure = measure
  }

  /// Results in order, until the consuming task is cancelled.
  package func results() -> AsyncStream<Result> {
    AsyncStream { continuation in
      let task = Task {
        for probe in probes {
          if Task.isCancelled { break }
          do {
            continuation.yield(Result(probe: probe, outcome: .success(try await measure(probe.recipe))))
          } catch is CancellationError {
            break
          } catch {
            continuation.yield(Result(probe: probe, outcome: .failure(error)))
          }
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}
