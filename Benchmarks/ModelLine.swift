import TensorCore
import Evaluation
import Foundation

/// One line of the table: a model in one form, at one batch size and thread count.
struct ModelLine {
  let model: String
  let form: ModelForm
  let batch: Int
  let threads: Int
  /// Seconds of a run, round by round; 0 for a peer that was not asked.
  let times: [(ours: Double, peer: Double)]
  /// How much faster than one thread, where there are more.
  let overOne: (ours: Double, peer: Double)?

  static let head = row([
    "model", "form", "batch", "threads", "ONNX Runtime", "paretop", "ratio", "quartiles",
    "over one thread (ORT)",
  ])

  var text: String {
    let ours = Statistics.median(times.map(\.ours)) ?? 0
    let peer = Statistics.median(times.map(\.peer)) ?? 0
    let ratios = times.map { $0.peer / max($0.ours, 1e-12) }.sorted()
    func quantile(_ share: Double) -> String {
      String(format: "%.2f", Statistics.quantile(share, ofSorted: ratios) ?? 0)
    }
    return ModelLine.row([
      model, form.rawValue, "\(batch)", "\(threads)", peer == 0 ? "-" : String(format: "%.1f", peer * 1e6),
      String(format: "%.1f", ours * 1e6), peer == 0 ? "-" : quantile(0.5) + "x",
      peer == 0 ? "-" : "\(quantile(0.25))-\(quantile(0.75))",
      overOne.map { String(format: "%.2fx (%.2fx)", $0.ours, peer == 0 ? 0 : $0.peer) } ?? "",
    ])
  }

  private static func row(_ columns: [String]) -> String {
    let widths = [18, 5, 6, 8, 13, 10, 7, 12, 22]
    return zip(columns, widths).enumerated().map { index, column in
      let padding = String(repeating: " ", count: max(0, column.1 - column.0.count))
      return index == 0 ? column.0 + padding : padding + column.0
    }.joined()
  }
}
