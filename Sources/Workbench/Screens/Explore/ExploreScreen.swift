import TerminalUI

/// Turn the knobs, watch size, latency and accuracy, and see everything tried on one chart.
package struct ExploreScreen: Screen {
  /// In the order in which Tab walks them, and in which they are drawn.
  var panels: [any Panel] = [
    KnobsPanel(), AccuracyPanel(), LatencyPanel(), SizePanel(), LayersPanel(), ParetoPanel(),
  ]
  /// Index of the panel that has the focus.
  var focused = 0

  package init() {}

  package let name = "explore"
  package var focus: (any Place)? { focusedPanel }
  package var parts: [ScreenPart] {
    panels.enumerated().filter { !$0.element.bindings.isEmpty }.map { index, panel in
      ScreenPart(panel) { $0.focus(onPanel: index) }
    }
  }
  var focusedPanel: any Panel { panels[focused] }

  mutating func replace<Kind: Panel>(_ panel: Kind) {
    if let index = panels.firstIndex(where: { $0 is Kind }) { panels[index] = panel }
  }

  package func introduction(_ state: WorkbenchState) -> [Span] { [] }

  package var notes: [Span] {
    [
      Span(
        "Sizes are exact bytes of the packed weights. Latency is measured on this machine, interleaved with the "
          + "original; the p50 and p95 are of single runs. Accuracy comes with its 95 % interval, the difference is "
          + "paired on the same samples; (noise) means that the interval of the difference holds zero. Energy is "
          + "measured where the machine offers a meter, else estimated by the model named under the chart.",
        .muted)
    ]
  }

  package func draw(_ state: WorkbenchState, on canvas: inout Canvas) {
    let layout = ExploreLayout(canvas.size)
    for (index, panel) in panels.enumerated() {
      canvas.panel(panel.area(in: layout), title: panel.title(state), isFocused: index == focused) {
        panel.draw(state, on: &$0)
      }
    }
  }

  package func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect] {
    switch event.kind {
    case .press, .wheelUp, .wheelDown: break
    case .release, .drag, .middlePress, .rightPress: return []
    }
    let layout = ExploreLayout(event.size)
    // Boxes share their borders: the later one, drawn over the earlier, has them.
    guard let index = panels.lastIndex(where: { $0.area(in: layout).contains(event.point) }) else {
      return []
    }
    state.focus(onPanel: index)
    return panels[index].mouse(event.within(panels[index].area(in: layout).inset(by: 1)), &state)
  }
}
