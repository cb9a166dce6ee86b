import Compression
import Evaluation
import Recipes
import TerminalUI

extension ExploreScreen {
  package var bindings: [Binding] {
    Binding.turning + Self.knobs + Self.places + Self.variants + Self.outputs
  }

  private static let knobs: [Binding] = [
    selecting(.prune, "p", "The pruning knob", hint: "prune"),
    selecting(.weightBits, "b", "The weight-bits knob", hint: "bits"),
    selecting(.activationBits, "B", "The activation-bits knob"),
    selecting(.rank, "r", "The rank knob", hint: "rank"),
  ]

  private static func selecting(
    _ knob: Setting, _ key: KeyEvent, _ description: String, hint: String? = nil
  ) -> Binding {
    Binding([key], knob.key, description, hint: hint) { $0.knob = knob }
  }

  private static let places: [Binding] = [
    Binding([.tab], "next-panel", "Next panel", hint: "panel") { $0.moveFocus(by: 1) },
    Binding([.backTab], "previous-panel", "Previous panel") { $0.moveFocus(by: -1) },
    Binding(["w"], "scope", "Knobs turn the whole model, or the selected layer", hint: "scope") {
      $0.toggleScope()
    },
    Binding(["/"], "filter", "Filter the layers by name or kind") { $0.open(FilterOverlay($0)) },
    Binding([.escape], "back", "Stop the sweep, clear the filter, back to the whole model") { $0.goBack() },
  ]

  private static let variants: [Binding] = [
    Binding(
      ["u"], "undo", "Undo: back to the configuration before", hint: "undo",
      unless: { $0.history.canUndo ? nil : "Nothing to undo" }
    ) { $0.step { $0.undo() } },
    Binding(
      ["U", .control("r")], "redo", "Redo: forward again",
      unless: { $0.history.canRedo ? nil : "Nothing to redo" }
    ) { $0.step { $0.redo() } },
    Binding(
      ["0"], "reset", "Back to the original",
      unless: { $0.recipe == .identity ? "This is the original" : nil }
    ) { $0.visit(.identity) },
    Binding(
      ["i"], "layer", "Everything about the selected layer", hint: "layer",
      unless: { $0.selectedLayer == nil ? "There is no layer" : nil }
    ) { $0.open(LayerOverlay()) },
    Binding(["R"], "recipe", "The whole recipe, layer by layer", hint: "recipe") { state in
      state.open(RecipeOverlay(variant: state[panel: ParetoPanel.self].cursor ?? state.current.id))
    },
    Binding(["m"], "mark", "Mark this configuration with a letter, or take the mark away", hint: "mark") {
      $0.toggleMark()
    },
    Binding(["c"], "compare", "Compare the marks side by side", hint: "compare") {
      $0.open(CompareOverlay())
    },
    Binding(["s"], "sweep", "Sweep the selected knob over its whole range", hint: "sweep") {
      $0.startSweep()
    },
    Binding(["M"], "measure", "Measure this configuration again") { $0.measure($0.current, again: true) },
  ]

  private static let outputs: [Binding] = [
    Binding(
      ["x"], "axis",
      "Chart accuracy against another figure: \(Figure.axes.map(\.title).joined(separator: ", "))"
    ) { $0.axis = $0.nextAxis },
    Binding(["e"], "export", "Export as ONNX, with the recipe beside it", hint: "export") {
      [.export($0.recipe)]
    },
  ]
}
