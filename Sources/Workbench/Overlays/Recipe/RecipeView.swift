import Compression
import Recipes
import Session
import TerminalUI

/// A recipe's settings that differ from the standard: those of the model, then those of each layer with its own.
struct RecipeView: ScrolledLines {
  private let variant: Variant
  private let state: WorkbenchState

  init(_ variant: Variant, _ state: WorkbenchState) {
    self.variant = variant
    self.state = state
  }

  func size(in screen: Size) -> Size {
    let width = min(90, screen.width - 6)
    return Size(width: width, height: min(lines(width: width).count, screen.height - 4))
  }

  func lines(width: Int) -> [[Span]] {
    var text = TextLines(width: width)
    text.paragraph("\(variant.mark.map { "\($0): " } ?? "")\(variant.recipe.summary)", .accent.bold)
    text.paragraph(progress, state.hasFailed(variant) ? .bad : .muted)
    text.heading("whole model")
    add(Setting.allCases.filter { !$0.isStandard(in: variant.recipe.model) }, variant.recipe.model, to: &text)
    for (name, override) in variant.recipe.layers.sorted(by: { $0.key < $1.key }) {
      text.heading(name)
      let named = Setting.allCases.filter { override.named.contains($0.key) }
      add(named, override.laid(over: variant.recipe.model), to: &text)
    }
    let subject = state.subject
    text.heading("model and data")
    text.entry(Span("model", .muted), subject.title, columns: RecipeView.columns)
    text.entry(Span("data", .muted), subject.data, columns: RecipeView.columns)
    return text.lines
  }

  private static let columns = 18

  private var progress: String {
    if let reason = state.failure(of: variant) { return "could not be measured: \(reason)" }
    return variant.isSettled ? "measured to the end" : "not measured to the end"
  }

  private func add(_ settings: [Setting], _ values: LayerSettings, to text: inout TextLines) {
    if settings.isEmpty { text.entry(Span("as it is", .muted), "", columns: RecipeView.columns) }
    for setting in settings {
      let label = setting.isKnob ? setting.title : "  " + setting.title
      text.entry(Span(label, .muted), setting.label(of: values), columns: RecipeView.columns)
    }
  }
}
