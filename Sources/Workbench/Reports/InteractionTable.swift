import Evaluation
import Search
import TerminalUI

/// The steps of a recipe, alone and together, as lines to read.
package struct InteractionTable: Sendable {
  private let interaction: RecipeInteraction

  package init(_ interaction: RecipeInteraction) { self.interaction = interaction }

  /// One row per step, one for what the steps let expect, one for what was measured, one for the difference.
  package var text: String {
    var rows = [["step", "recipe", "size", "accuracy", "speed"]]
    for step in interaction.steps {
      rows.append([step.part.name, step.part.recipe.summary] + figures(step.measurement))
    }
    let together = interaction.together
    rows.append(
      ["expected", ""]
        + figures(interaction.expectedSize, interaction.expectedDifference, interaction.expectedSpeed))
    rows.append(["together", ""] + figures(together))
    let difference = zip2(together.accuracy?.difference, interaction.expectedDifference).map { $0 - $1 }
    rows.append(
      ["interaction", ""]
        + figures(
          together.size.ratio / interaction.expectedSize, difference, interaction.speedInteraction))
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        column < 2 ? cell.0.fitted(to: cell.1) : String(repeating: " ", count: cell.1 - cell.0.count) + cell.0
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private func figures(_ measurement: Readings) -> [String] {
    figures(
      measurement.size.ratio, measurement.accuracy?.difference,
      measurement.latency.map { SpeedRatio(value: $0.speedup, interval: $0.speedupInterval) })
  }

  private func figures(_ size: Double, _ difference: Double?, _ speed: SpeedRatio?) -> [String] {
    let ratio = NumberFormat.plain(decimals: 2)
    return [
      NumberFormat.percent.text(size), difference.map { NumberFormat.percent.change($0) } ?? "-",
      speed.map {
        "\(ratio.text($0.value))x [\(ratio.text($0.interval.low)), \(ratio.text($0.interval.high))]"
      } ?? "-",
    ]
  }

  private func zip2(_ one: Double?, _ other: Double?) -> (Double, Double)? {
    guard let one, let other else { return nil }
    return (one, other)
  }
}
