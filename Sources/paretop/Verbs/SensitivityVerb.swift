import ArgumentParser
import Compression
import Evaluation
import Foundation
import Recipes
import Search
import TerminalUI
import Workbench

/// What each layer alone suffers from each knob.
struct SensitivityVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sensitivity",
    abstract: "Turn each knob for one layer at a time and print what the output suffers, as a table or CSV.",
    discussion:
      "Outputs are compared with the original's on calibration data. Knobs not given have usual amounts; one "
      + "that is given as it stands (--prune 0) is left out.")

  @OptionGroup var model: ModelOptions

  @OptionGroup var knobs: KnobOptions

  @Flag(help: "Print CSV.")
  var csv = false

  func run() async throws {
    var renamings = Renamings()
    let given = try LayerOverride(knobs.flags, &renamings)
    Output.note(renamings, in: "the command line")
    let opened = try model.data.open(model.model)
    let evaluator = Evaluator(try model.data.experiment(opened))
    let layers = evaluator.experiment.compressor.catalog.names
    let probes = SensitivityScan.probes(layers: layers, amounts: Self.amounts(given))
    let scan = SensitivityScan(probes: probes) { try await evaluator.divergence(of: $0) }
    let shown = Output.column(layers, beside: 60)
    let names = Dictionary(zip(layers, shown)) { first, _ in first }
    let width = shown.width("") + 2
    if csv { try Output.print("layer,knob,amount,relative_error,changed_answers,samples,data") }
    for await result in scan.results() {
      try Output.print(
        csv ? Self.row(result) : Self.line(result, names[result.probe.layer] ?? "", width: width))
    }
  }

  /// Knobs that are given an amount which changes nothing are left out.
  private static func amounts(_ given: LayerOverride) -> [(knob: Setting, amount: SettingValue)] {
    let standard = LayerSettings()
    let settings = given.laid(over: standard)
    return SensitivityScan.amounts(for: settings).filter { knob, _ in
      !given.named.contains(knob.key) || knob.value(in: settings) != knob.value(in: standard)
    }
  }

  private static func line(_ result: SensitivityScan.Result, _ name: String, width: Int) -> String {
    let start =
      name.fitted(to: width) + result.probe.knob.key.fitted(to: 13)
      + result.probe.amount.word.fitted(to: 6)
    switch result.outcome {
    case .failure(let error): return start + "\(error)"
    case .success(let reading):
      let changed =
        reading.changedAnswers.map { ", \(NumberFormat.percent.text($0)) of answers change" } ?? ""
      return start + "output error \(NumberFormat.percent.text(reading.relativeError))\(changed)"
        + " (\(reading.samples) samples of \(reading.data))"
    }
  }

  private static func row(_ result: SensitivityScan.Result) -> String {
    let start = [
      CSVRecords.written(result.probe.layer), result.probe.knob.key, result.probe.amount.word,
    ]
    guard case .success(let reading) = result.outcome else {
      return (start + ["", "", "", ""]).joined(separator: ",")
    }
    let changed = reading.changedAnswers.map { "\($0)" } ?? ""
    return
      (start + ["\(reading.relativeError)", changed, "\(reading.samples)", CSVRecords.written(reading.data)])
      .joined(separator: ",")
  }
}
