import Compression
import Evaluation
import Recipes
import Search

extension WorkbenchState {
  /// The amounts at which layers are probed: those of the model's settings, or the usual ones.
  private var probedAmounts: [(knob: Setting, amount: SettingValue)] {
    SensitivityScan.amounts(for: recipe.model)
  }

  /// Probes not made yet, those of the knob in hand first.
  package var openProbes: [SensitivityScan.Probe] {
    let amounts = probedAmounts
    let ordered = amounts.filter { $0.knob == knob.knob } + amounts.filter { $0.knob != knob.knob }
    return SensitivityScan.probes(layers: subject.layers.map(\.name), amounts: ordered)
      .filter { sensitivity[$0] == nil && probeFailures[$0] == nil }
  }

  /// What a layer alone suffers from the knob in hand, at the model's amount or the usual one.
  package func sensitivity(of layer: String) -> (probe: SensitivityScan.Probe, reading: DivergenceReading)? {
    probe(of: layer).flatMap { probe in sensitivity[probe].map { (probe, $0) } }
  }

  /// The question how a layer alone bears the knob in hand; nil where the knob is not probed.
  func probe(of layer: String) -> SensitivityScan.Probe? {
    probedAmounts.first { $0.knob == knob.knob }
      .map { SensitivityScan.Probe(layer: layer, knob: $0.knob, amount: $0.amount) }
  }
}
