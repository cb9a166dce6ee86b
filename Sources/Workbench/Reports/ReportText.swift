import TerminalUI

/// A report as lines to read.
package struct ReportText: Sendable {
  private let report: EvaluationReport

  package init(_ report: EvaluationReport) { self.report = report }

  package var text: String {
    var lines = ["\(report.model)  \(report.recipeSummary)  on \(report.machine.summary)", ""]
    lines += size
    lines += report.accuracy.map(accuracy) ?? []
    lines += report.latency.map(latency) ?? []
    lines += report.energy.map(energy) ?? []
    lines += [""] + layers
    return lines.joined(separator: "\n")
  }

  private var size: [String] {
    let size = report.size
    let bytes = NumberFormat.bytes
    let ratio = Double(size.originalBytes) / Double(max(size.bytes, 1))
    let zipped = size.deflatedBytes.map { ", zipped \(bytes.text($0))" } ?? ""
    return [
      "size      \(bytes.text(size.bytes)) of \(bytes.text(size.originalBytes)), "
        + "\(NumberFormat.ratio.text(ratio)) smaller\(zipped)"
    ]
  }

  private func accuracy(_ reading: EvaluationReport.Accuracy) -> [String] {
    let percent = NumberFormat.percent
    return [
      "accuracy  \(percent.text(reading.fraction)) [\(interval(reading.fractionInterval, percent))] \(reading.metric) on "
        + "\(NumberFormat.grouped(reading.samples)) samples of \(reading.data), original "
        + "\(percent.text(reading.originalFraction))",
      "          \(percent.change(reading.difference)) paired "
        + "[\(reading.differenceInterval.map { percent.change($0) }.joined(separator: ", "))]",
    ]
  }

  private func latency(_ reading: EvaluationReport.Latency) -> [String] {
    let seconds = NumberFormat.seconds
    let ratio = NumberFormat.plain(decimals: 2)
    return [
      "latency   p50 \(seconds.text(reading.p50Nanoseconds * 1e-9)), p95 \(seconds.text(reading.p95Nanoseconds * 1e-9)); "
        + "original p50 \(seconds.text(reading.originalP50Nanoseconds * 1e-9)), "
        + "p95 \(seconds.text(reading.originalP95Nanoseconds * 1e-9))",
      "          \(ratio.text(reading.speedup))x as fast [\(interval(reading.speedupInterval, ratio))], "
        + "\(reading.runs) runs, batch \(reading.batch), \(reading.threads) thread",
    ]
  }

  private func energy(_ reading: EvaluationReport.Energy) -> [String] {
    let joules = NumberFormat.joules
    return [
      "energy    \(joules.text(reading.joules)) a run, original \(joules.text(reading.originalJoules)), "
        + "\(reading.source) (\(reading.model))"
    ]
  }

  private var layers: [String] {
    let header =
      "layer".fitted(to: 30) + "     bytes   % of original      time   % of original  kernel"
    return [header]
      + report.layers.map { layer in
        let time = layer.nanoseconds.map { NumberFormat.seconds.text($0 * 1e-9) } ?? ""
        let line =
          layer.name.fitted(to: 30)
          + NumberFormat.bytes.text(layer.bytes).fitted(to: 10, alignment: .trailing)
          + share(Double(layer.bytes), Double(layer.originalBytes))
          + time.fitted(to: 10, alignment: .trailing)
          + share(layer.nanoseconds, layer.originalNanoseconds) + "  " + layer.kernel
        return layer.remarks.isEmpty ? line : line + "\n    " + layer.remarks.joined(separator: "; ")
      }
  }

  private func share(_ part: Double?, _ whole: Double?) -> String {
    guard let part, let whole, whole > 0 else { return String(repeating: " ", count: 16) }
    return NumberFormat.fixed(part / whole * 100, 1).fitted(to: 16, alignment: .trailing)
  }

  private func interval(_ bounds: [Double], _ format: NumberFormat) -> String {
    bounds.map { format.text($0) }.joined(separator: ", ")
  }
}
