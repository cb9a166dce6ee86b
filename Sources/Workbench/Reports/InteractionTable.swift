import Evaluation
import Search
import TerminalUI

/// The steps of a recipe, alone and together, as lines to read.
package struct InteractionTable: Sendable {
  private let interaction: RecipeInteraction
  private let figures = Figure.all.filter { $0.combination != nil }

  package init(_ interaction: RecipeInteraction) { self.interaction = interaction }

  /// One row per step, one for what the steps let expect, one for what was measured, one for the difference.
  package var text: String {
    var rows = [["step", "recipe"] + figures.map(\.title)]
    for step in interaction.steps {
      rows.append([step.part.name, step.part.recipe.summary] + figures.map { text(step.measurement, $0) })
    }
    rows.append(["expected", ""] + figures.map { text(interaction.expected($0)) })
    rows.append(["together", ""] + figures.map { text(interaction.together, $0) })
    rows.append(["interaction", ""] + figures.map { text(interaction.interaction($0)) })
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        column < 2 ? cell.0.fitted(to: cell.1) : String(repeating: " ", count: cell.1 - cell.0.count) + cell.0
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private func text(_ readings: Readings, _ figure: Figure) -> String {
    text(FigureEffect(of: readings, on: figure))
  }

  private func text(_ effect: FigureEffect?) -> String {
    switch effect {
    case nil: return "-"
    case .share(let share): return NumberFormat.percent.text(share)
    case .change(let change): return NumberFormat.percent.change(change)
    case .factor(let ratio):
      let number = NumberFormat.plain(decimals: 2)
      return
        "\(number.text(ratio.value))x [\(number.text(ratio.interval.low)), \(number.text(ratio.interval.high))]"
    }
  }
}
