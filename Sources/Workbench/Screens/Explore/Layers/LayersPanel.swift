import Evaluation
import Foundation
import TerminalUI

/// The layers, each with its share of size and time.
struct LayersPanel: Panel {
  let name = "layers"
  /// Index into `visibleLayers`.
  var cursor = 0
  /// Part of the names or kinds of the layers that are shown; empty for all.
  var filter = ""

  func title(_ state: WorkbenchState) -> String { filter.isEmpty ? name : "\(name) /\(filter)" }

  func area(in layout: ExploreLayout) -> Rect { layout.layers }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "One row per layer. size% and time% are its bytes and its time in percent of the original's; P, B and R are its "
          + "pruned share, bits of a weight and kept rank. sens is its sensitivity: how far the model's output moves when "
          + "the knob in hand is turned in this layer alone, next to the most sensitive layer. ! marks a layer where a "
          + "setting did not help; below the table stands why.", .overlay),
      state.knobParagraph,
    ]
  }

  var bindings: [Binding] {
    Binding.turning + [
      Binding([.enter], "scope", "Turn knobs for this layer only, or for the whole model") {
        $0.toggleScope()
      }
    ] + Binding.moving { rows, state in Self.move(by: rows, &state) }
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) { canvas.draw(LayersView(state)) }

  func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect] {
    switch event.kind {
    case .wheelUp: Self.move(by: -1, &state)
    case .wheelDown: Self.move(by: 1, &state)
    case .press, .release, .drag, .middlePress, .rightPress:
      if let row = LayersView(state).row(at: event.point.y, in: event.size) {
        state[panel: LayersPanel.self].cursor = row
      }
    }
    return []
  }

  /// The scope follows the cursor where it is a layer.
  private static func move(by rows: Int, _ state: inout WorkbenchState) {
    let last = max(state.visibleLayers.count - 1, 0)
    state[panel: LayersPanel.self].cursor = min(max(state[panel: LayersPanel.self].cursor + rows, 0), last)
    if case .layer = state.scope, let layer = state.selectedLayer { state.scope = .layer(layer.name) }
  }
}

extension WorkbenchState {
  /// Layers that the filter lets through.
  package var visibleLayers: [LayerSummary] {
    let filter = self[panel: LayersPanel.self].filter
    guard !filter.isEmpty else { return subject.layers }
    return subject.layers.filter {
      $0.name.localizedCaseInsensitiveContains(filter) || $0.kind.localizedCaseInsensitiveContains(filter)
    }
  }

  package var selectedLayer: LayerSummary? {
    let layers = visibleLayers
    let cursor = self[panel: LayersPanel.self].cursor
    return layers.indices.contains(cursor) ? layers[cursor] : nil
  }

  package func reading(of layer: String) -> LayerReading? {
    measurement?.layers.first { $0.name == layer }
  }
}
