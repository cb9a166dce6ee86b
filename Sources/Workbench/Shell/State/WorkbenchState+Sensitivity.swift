import Compression
import Evaluation
import Recipes
import Search
import TerminalUI

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

  /// How much that is: the share of answers that change, or of error where a row has no two outputs.
  package func harm(of layer: String) -> Double? {
    sensitivity(of: layer).map { $0.reading.changedAnswers ?? $0.reading.relativeError }
  }

  /// Such as "prune 50 % in this layer alone: 1.6 % of answers change, output error 3.1 % (64 of digits)".
  func harmText(of layer: String) -> String? { probe(of: layer).flatMap(harmText) }

  /// The same of any question; nil where it is not answered yet.
  func harmText(of probe: SensitivityScan.Probe) -> String? {
    var settings = LayerSettings()
    try? probe.knob.set(probe.amount, in: &settings)
    let turned = "\(probe.knob.title) \(probe.knob.label(of: settings)) in this layer alone: "
    if let reason = probeFailures[probe] { return turned + "could not be measured: \(reason)" }
    guard let reading = sensitivity[probe] else { return nil }
    let percent = NumberFormat.percent
    let changed = reading.changedAnswers.map { "\(percent.text($0)) of answers change, " } ?? ""
    return turned + changed
      + "output error \(percent.text(reading.relativeError)) (\(reading.samples) of \(reading.data))"
  }

  /// What can be asked of a layer, at the amounts in hand.
  func probes(of layer: String) -> [SensitivityScan.Probe] {
    SensitivityScan.probes(layers: [layer], amounts: probedAmounts)
  }

  /// The question how a layer alone bears the knob in hand; nil where the knob is not probed.
  func probe(of layer: String) -> SensitivityScan.Probe? {
    probedAmounts.first { $0.knob == knob.knob }
      .map { SensitivityScan.Probe(layer: layer, knob: $0.knob, amount: $0.amount) }
  }
}
