import Evaluation
import TerminalUI

/// A report as lines to read.
package struct ReportText: Sendable {
  private let report: EvaluationReport

  package init(_ report: EvaluationReport) { self.report = report }

  package var text: String {
    let title = "\(report.model)  \(report.recipe.summary)  on \(report.machine.summary)"
    let figures = Figure.groups.flatMap { group in
      group.enumerated().compactMap { line($0.element, isFirst: $0.offset == 0) }
        + (group.first?.group == Figure.accuracy.group ? outputs : [])
    }
    return ([title, ""] + figures + [""] + layers).joined(separator: "\n")
  }

  /// Such as "accuracy      97.8 % [96.2 %, 98.7 %], original 98.0 %; top-1 on 540 samples of digits"; nil for what is not
  /// known.
  private func line(_ figure: Figure, isFirst: Bool) -> String? {
    let readings = report.readings
    guard let value = figure.value(in: readings) else { return nil }
    let unit = figure.unit
    var text = unit.preciseText(value)
    if let interval = figure.interval(in: readings) {
      text += " [\(unit.preciseText(interval.low)), \(unit.preciseText(interval.high))]"
    }
    if let original = figure.original(in: readings) { text += ", original \(unit.preciseText(original))" }
    if let word = figure.gain, let gain = figure.gain(in: readings) {
      text += ", \(NumberFormat.ratio.text(gain)) \(word)"
    }
    if isFirst, let provenance = figure.provenance(readings), !provenance.detail.isEmpty {
      text += "; \(provenance.kind.rawValue): \(provenance.detail)"
    }
    return (isFirst ? figure.label : "  " + figure.label).fitted(to: 14) + text
  }

  /// What is known beside the accuracy: of the output that is judged, and of the others.
  private var outputs: [String] {
    guard let accuracy = report.readings.accuracy else { return [] }
    var lines: [String] = []
    if let asides = accuracy.asides {
      lines.append("  beside".fitted(to: 14) + asides.map(\.text).joined(separator: ", "))
    }
    for other in accuracy.otherOutputs ?? [] {
      let texts = ["\(other.metric.key) \(Figure.Unit.fraction.text(other.value))"] + other.asides.map(\.text)
      lines.append("  output".fitted(to: 14) + other.output.inOneLine + ": " + texts.joined(separator: ", "))
    }
    if let leftOut = accuracy.leftOut {
      lines.append("  not judged".fitted(to: 14) + leftOut.map(\.inOneLine).joined(separator: "; "))
    }
    return lines
  }

  private var layers: [String] {
    let names = report.readings.layers.map(\.name.inOneLine)
    let width = (names.map { DisplayWidth.of($0) }.max() ?? 0) + 2
    let header =
      "layer".fitted(to: max(width, 7)) + "     bytes   % of original      time   % of original  kernel"
    return [header]
      + zip(report.readings.layers, names).map { layer, name in
        let time = layer.nanoseconds.map { Figure.Unit.nanoseconds.text($0) } ?? ""
        let line =
          name.fitted(to: max(width, 7))
          + NumberFormat.bytes.text(layer.size.bytes).fitted(to: 10, alignment: .trailing)
          + share(Double(layer.size.bytes), Double(layer.size.originalBytes))
          + time.fitted(to: 10, alignment: .trailing)
          + share(layer.nanoseconds, layer.originalNanoseconds) + "  " + layer.kernel
        return layer.remarks.isEmpty ? line : line + "\n    " + layer.remarks.joined(separator: "; ")
      }
  }

  private func share(_ part: Double?, _ whole: Double?) -> String {
    guard let part, let whole, whole > 0 else { return String(repeating: " ", count: 16) }
    return NumberFormat.fixed(part / whole * 100, 1).fitted(to: 16, alignment: .trailing)
  }
}
