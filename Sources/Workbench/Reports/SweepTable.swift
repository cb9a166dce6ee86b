import Compression
import Recipes

/// A sweep's results as CSV: one header, one line per configuration, every column with its unit.
package enum SweepTable {
  package static let header =
    "model,recipe,prune,weights_bits,activations_bits,rank,size_bytes,original_size_bytes,deflated_bytes,"
    + "accuracy_fraction,accuracy_low,accuracy_high,original_accuracy_fraction,difference,difference_low,"
    + "difference_high,latency_p50_ns,latency_p95_ns,original_latency_p50_ns,speedup,speedup_low,speedup_high,"
    + "energy_joules,energy_source,macs,original_macs,executed_macs"

  package static func line(_ report: EvaluationReport) -> String {
    let model = report.recipe.model
    var fields = [
      quoted(report.model), quoted(report.recipeSummary), "\(model.prune)", model.weights.label,
      model.activations.rawValue,
      "\(model.rank)", "\(report.size.bytes)", "\(report.size.originalBytes)",
      text(report.size.deflatedBytes),
    ]
    if let accuracy = report.accuracy {
      fields += [accuracy.fraction].map(text) + accuracy.fractionInterval.map(text)
      fields +=
        [accuracy.originalFraction, accuracy.difference].map(text) + accuracy.differenceInterval.map(text)
    } else {
      fields += Array(repeating: "", count: 7)
    }
    if let latency = report.latency {
      fields +=
        [
          latency.p50Nanoseconds, latency.p95Nanoseconds, latency.originalP50Nanoseconds, latency.speedup,
        ].map(text) + latency.speedupInterval.map(text)
    } else {
      fields += Array(repeating: "", count: 6)
    }
    fields += report.energy.map { [text($0.joules), $0.source] } ?? ["", ""]
    fields +=
      report.operations.map { [$0.macs, $0.originalMacs, $0.executedMacs].map(text) } ?? ["", "", ""]
    return fields.joined(separator: ",")
  }

  /// What tells a line's configuration from others in the same sweep: the columns of the knobs.
  package static func key(of recipe: Recipe, model: String) -> String {
    [
      quoted(model), quoted(recipe.summary), "\(recipe.model.prune)", recipe.model.weightBits.label,
      recipe.model.activationBits.label, "\(recipe.model.rank)",
    ].joined(separator: ",")
  }

  package static func key(ofLine line: String) -> String {
    line.split(separator: ",", omittingEmptySubsequences: false).prefix(6).joined(separator: ",")
  }

  private static func text(_ value: Double) -> String { "\(value)" }
  private static func text(_ value: Int?) -> String { value.map(String.init) ?? "" }

  /// RFC 4180: quotes doubled inside quotes.
  private static func quoted(_ text: String) -> String {
    text.contains(where: { ",\"\n".contains($0) }) ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
