import Evaluation
import Foundation
import TerminalUI

/// The layers, each with its share of size and time.
struct LayersPanel: Panel {
  let name = "layers"
  /// The layer under the cursor, by its name; nil for the first.
  var selected: String?
  var order = LayerOrder.model
  /// Part of the names or kinds of the layers that are shown; empty for all.
  var filter = ""

  func title(_ state: WorkbenchState) -> String {
    name + (filter.isEmpty ? "" : " /\(filter)") + (order == .model ? "" : " by \(order.rawValue)")
  }

  func area(in layout: ExploreLayout) -> Rect { layout.layers }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "One row per layer, the columns as far as there is room; i shows everything about the selected one. Below the "
          + "table stands what there is to say of it.", .overlay),
      Span(
        LayerColumn.all.map { "\($0.title): \($0.meaning)" }.joined(separator: "\n"), .overlay),
      state.knobParagraph,
    ]
  }

  var bindings: [Binding] {
    [
      Binding([.enter], "scope", "Turn knobs for this layer only, or for the whole model") {
        $0.toggleScope()
      },
      Binding(
        ["o"], "order", "Sort the layers: as in the model, by hurt, by size, by time in turn", hint: "order"
      ) { $0.sortLayersOtherwise() },
    ] + Binding.moving { rows, state in Self.move(by: rows, &state) }
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) { canvas.draw(LayersView(state)) }

  func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect] {
    switch event.kind {
    case .wheelUp: Self.move(by: -1, &state)
    case .wheelDown: Self.move(by: 1, &state)
    case .press, .release, .drag, .middlePress, .rightPress:
      if let row = LayersView(state).row(at: event.point.y, in: event.size) {
        state[panel: LayersPanel.self].selected = state.visibleLayers[row].name
      }
    }
    return []
  }

  /// The scope follows the cursor where it is a layer.
  static func move(by rows: Int, _ state: inout WorkbenchState) {
    let layers = state.visibleLayers
    guard !layers.isEmpty else { return }
    let place = layers.firstIndex { $0.name == state.selectedLayer?.name } ?? 0
    state[panel: LayersPanel.self].selected = layers[min(max(place + rows, 0), layers.count - 1)].name
    if case .layer = state.scope, let layer = state.selectedLayer { state.scope = .layer(layer.name) }
  }
}

extension WorkbenchState {
  /// Layers that the filter lets through, sorted as the panel says.
  package var visibleLayers: [LayerSummary] {
    let panel = self[panel: LayersPanel.self]
    let found =
      panel.filter.isEmpty
      ? subject.layers
      : subject.layers.filter {
        $0.name.localizedCaseInsensitiveContains(panel.filter)
          || $0.kind.localizedCaseInsensitiveContains(panel.filter)
      }
    return panel.order.sorted(found, self)
  }

  /// Sorts by what comes next; the cursor stays with its layer.
  fileprivate mutating func sortLayersOtherwise() {
    self[panel: LayersPanel.self].selected = selectedLayer?.name
    self[panel: LayersPanel.self].order = self[panel: LayersPanel.self].order.next
  }

  package var selectedLayer: LayerSummary? {
    let layers = visibleLayers
    let selected = self[panel: LayersPanel.self].selected
    return layers.first { $0.name == selected } ?? layers.first
  }

  /// What the layers are called in the table, by their whole names: short as long as that tells them apart.
  var layerNames: [String: String] {
    let named = Dictionary(grouping: subject.layers, by: \.shortName)
    return subject.layers.reduce(into: [:]) { names, layer in
      names[layer.name] = named[layer.shortName, default: []].count > 1 ? layer.name : layer.shortName
    }
  }

  package func reading(of layer: String) -> LayerReading? {
    measurement?.layers.first { $0.name == layer }
  }
}
