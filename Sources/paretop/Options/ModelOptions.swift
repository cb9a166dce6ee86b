import ArgumentParser
import Evaluation
import Foundation
import GraphIR
import Kernels
import ModelFormats
import Session

/// Which model, which data, and how many threads.
struct ModelOptions: ParsableArguments {
  @Argument(help: "A model file, or a folder with a model.onnx and a card.toml.")
  var model: String

  @OptionGroup var data: DataOptions
}

struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Evaluation data: npz, npy, csv, or idx (twice: images and labels).", valueName: "file"))
  var data: [String] = []

  @Option(help: ArgumentHelp("Calibration data, for 8-bit activations.", valueName: "file"))
  var calibration: [String] = []

  @Option(help: "Preprocessing: inputs are multiplied by this first.")
  var scale: Float?

  @Option(help: "Preprocessing: subtracted after scaling; one number, or one per channel with commas.")
  var mean: String?

  @Option(help: "Preprocessing: divided by last; one number, or one per channel with commas.")
  var std: String?

  @Option(
    help: ArgumentHelp(
      "How pictures lie in the data where the model takes them the other way: "
        + DataLayout.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "layout"))
  var layout: String?

  @Option(
    help: ArgumentHelp(
      "A dimension that the model's inputs leave open, such as height=224; may be given again.",
      valueName: "name=number"))
  var dim: [String] = []

  @Option(
    help: ArgumentHelp(
      "Which axis of the model's inputs counts samples, where it is not found: input=axis with commas, from 0; "
        + "input=none for one that holds for all samples; none alone where a run takes one sample.",
      valueName: "axes"))
  var batchAxis: String?

  @Option(
    help: ArgumentHelp(
      "How the output is judged: " + Metric.all.map(\.key).joined(separator: ", ")
        + ". By default what fits the data, the card and the output (docs/models.md).", valueName: "metric"))
  var metric: String?

  @Option(
    help: ArgumentHelp(
      "The output that is judged; by default the first that depends on the inputs.", valueName: "name"))
  var outputName: String?

  @Option(help: "Threads that share each timed run, and that run for accuracy; without it 1, and every core.")
  var threads: Int?

  @Option(help: ArgumentHelp("Kernels to use: as PARETOP_CPU, which it overrides.", valueName: "level"))
  var cpu: String?

  func level() throws -> CPUFeatureLevel {
    guard let cpu else {
      return try CPUFeatureLevel.selected(environment: ProcessInfo.processInfo.environment)
    }
    do { return try CPUFeatureLevel.selected(environment: ["PARETOP_CPU": cpu]) } catch {
      throw VerbError.badOption("cpu", cpu, CPUFeatureLevel.available.map(\.name))
    }
  }

  func threadCount() throws -> Int {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    guard let threads else { return cores }
    guard (1...256).contains(threads) else {
      throw VerbError.badOption("threads", "\(threads)", ["1 to 256"])
    }
    return threads
  }

  func request(_ path: String) throws -> OpenRequest {
    OpenRequest(
      path: path, data: data, calibration: calibration, preprocessing: try preprocessing(),
      dimensions: try dimensions(), batchAxes: try batchAxes(), layout: try dataLayout())
  }

  private func dataLayout() throws -> DataLayout? {
    guard let layout else { return nil }
    guard let found = DataLayout(rawValue: layout.lowercased()) else {
      throw VerbError.badOption("layout", layout, DataLayout.allCases.map(\.rawValue))
    }
    return found
  }

  /// What --batch-axis says.
  private func batchAxes() throws -> SampleAxes.Request? {
    guard let batchAxis else { return nil }
    if batchAxis == "none" { return SampleAxes.Request.none }
    if let axis = Int(batchAxis), axis >= 0 { return .all(axis) }
    var axes: [String: Int?] = [:]
    for part in batchAxis.split(separator: ",", omittingEmptySubsequences: false) {
      // The name itself may hold the sign.
      guard let sign = part.lastIndex(of: "="), sign != part.startIndex else { throw badBatchAxis(batchAxis) }
      let (name, word) = (String(part[..<sign]), part[part.index(after: sign)...])
      if word == "none" {
        axes.updateValue(nil, forKey: name)
      } else if let axis = Int(word), axis >= 0 {
        axes[name] = axis
      } else {
        throw badBatchAxis(batchAxis)
      }
    }
    return .some(axes)
  }

  private func badBatchAxis(_ text: String) -> VerbError {
    .badOption(
      "batch-axis", text, ["none", "an axis such as 1", "input=axis with commas, such as state=1,x=0"])
  }

  /// The numbers given with --dim.
  func dimensions() throws -> [String: Int] {
    var numbers: [String: Int] = [:]
    for text in dim {
      let parts = text.split(separator: "=")
      guard parts.count == 2, let number = Int(parts[1]), (1...1 << 20).contains(number) else {
        throw VerbError.badOption("dim", text, ["name=number, such as height=224"])
      }
      numbers[String(parts[0])] = number
    }
    return numbers
  }

  func experimentOptions() throws -> Experiment.Options {
    Experiment.Options(
      level: try level(), threads: try threadCount(), latencyThreads: threads == nil ? 1 : try threadCount(),
      output: outputName, metric: try chosenMetric())
  }

  private func chosenMetric() throws -> Metric? {
    guard let metric else { return nil }
    guard let found = Metric(key: metric) else {
      throw VerbError.badOption("metric", metric, Metric.all.map(\.key))
    }
    return found
  }

  func open(_ path: String) throws -> OpenedModel { try OpenedModel(try request(path)) }

  func experiment(_ opened: OpenedModel) throws -> Experiment {
    try opened.experiment(try experimentOptions())
  }

  /// Nil where no flag replaces what the card says.
  private func preprocessing() throws -> Preprocessing? {
    guard scale != nil || mean != nil || std != nil else { return nil }
    return Preprocessing(
      scale: scale ?? 1, mean: try numbers(mean, option: "mean"), std: try numbers(std, option: "std"))
  }

  private func numbers(_ text: String?, option: String) throws -> [Float] {
    guard let text else { return [] }
    return try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let value = Float(part.trimmingCharacters(in: .whitespaces)), value.isFinite,
        option != "std" || value != 0
      else { throw VerbError.badOption(option, text, ["numbers with commas, such as 0.5,0.5,0.5"]) }
      return value
    }
  }
}
