import Compression
import Evaluation
import Foundation
import Recipes
import Search
import Session

extension WorkbenchState {
  package var current: Variant { history.current }
  package var recipe: Recipe { history.current.recipe }
  package var measurement: Readings? { history.current.measurement }

  /// The original's variant: the identity recipe.
  package var original: Variant { history.original }

  /// What the selected knob turns.
  package var settings: LayerSettings { recipe.settings(in: scope) }

  /// The amounts at which layers are probed: those of the model's settings, or the usual ones.
  private var probedAmounts: [(knob: Setting, amount: SettingValue)] {
    SensitivityScan.amounts(for: recipe.model)
  }

  /// Probes not made yet, those of the knob in hand first.
  package var openProbes: [SensitivityScan.Probe] {
    let amounts = probedAmounts
    let ordered = amounts.filter { $0.knob == knob.knob } + amounts.filter { $0.knob != knob.knob }
    return SensitivityScan.probes(layers: subject.layers.map(\.name), amounts: ordered)
      .filter { sensitivity[$0] == nil }
  }

  /// What a layer alone suffers from the knob in hand, at the model's amount or the usual one.
  package func sensitivity(of layer: String) -> (probe: SensitivityScan.Probe, reading: DivergenceReading)? {
    guard let amount = probedAmounts.first(where: { $0.knob == knob.knob }) else { return nil }
    let probe = SensitivityScan.Probe(layer: layer, knob: amount.knob, amount: amount.amount)
    return sensitivity[probe].map { (probe, $0) }
  }

  /// The rows of the knobs panel: every knob, and beneath the one in hand its methods.
  package var knobRows: [Setting] { Setting.allCases.filter { $0.knob == $0 || $0.knob == knob.knob } }

  /// Index of the selected knob's value among its options.
  package var selectedChoice: Int {
    knob.options?.firstIndex { .word($0.label) == knob.value(in: settings) } ?? 0
  }

  /// Layers that the filter lets through.
  package var visibleLayers: [LayerSummary] {
    guard !layerFilter.isEmpty else { return subject.layers }
    return subject.layers.filter {
      $0.name.localizedCaseInsensitiveContains(layerFilter)
        || $0.kind.localizedCaseInsensitiveContains(layerFilter)
    }
  }

  package var selectedLayer: LayerSummary? {
    let layers = visibleLayers
    return layers.indices.contains(layerCursor) ? layers[layerCursor] : nil
  }

  package func reading(of layer: String) -> LayerReading? {
    measurement?.layers.first { $0.name == layer }
  }

  /// Variants that have a place on the chart: those with a first complete reading, in the order they were tried.
  package var plotted: [Variant] {
    history.variants.filter { chartX($0) != nil && $0.measurement?.accuracy != nil }
  }

  /// Scores that accuracy axes always hold: a few points around the original, less than which is mostly noise.
  package var accuracyCovers: [Double] {
    original.measurement?.accuracy.map { [max(0, $0.value - 0.04), min(1, $0.value + 0.02)] } ?? []
  }

  /// A variant's figure on the chart's x axis.
  package func chartX(_ variant: Variant) -> Double? {
    variant.measurement.flatMap { axis.value(in: $0) }.map(axis.unit.plotted)
  }

  /// The axis after this one, of those that the original has a value of.
  package var nextAxis: Figure {
    let known = Figure.axes.filter { figure in
      figure == axis || original.measurement.map { figure.value(in: $0) != nil } ?? true
    }
    let index = known.firstIndex(of: axis) ?? 0
    return known.isEmpty ? axis : known[(index + 1) % known.count]
  }
}
