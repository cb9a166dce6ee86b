import GraphIR
import ModelFormats

/// Reads data for a model, and finds out what it can be judged by where nothing says so.
struct DataReader {
  let inputs: [ValueInfo]
  let axes: SampleAxes
  let preprocessing: Preprocessing
  /// Nil where neither a card nor the person tells the task.
  let task: ModelTask?

  /// A told task's labels may be missing: the data is then judged by fidelity, with a notice. Where no task is told,
  /// whole-number labels mean classification, other ones regression, none fidelity.
  func read(
    _ files: [String], split: Dataset.Split, name: String?, notices: inout [String]
  ) throws -> Dataset {
    do {
      return try loader(task ?? .classification(classes: [])).load(paths: files, split: split, name: name)
    } catch FormatError.missingLabels {
      notices.append(
        "\(files.joined(separator: ", ")) holds no labels: accuracy is fidelity to the original.")
      return try inputsOnly(files, split: split, name: name)
    } catch FormatError.invalidLabels where task == nil {
      return try loader(.regression).load(paths: files, split: split, name: name)
    }
  }

  /// Samples without labels.
  func inputsOnly(_ files: [String], split: Dataset.Split, name: String? = nil) throws -> Dataset {
    try loader(.fidelity).load(paths: files, split: split, name: name)
  }

  private func loader(_ task: ModelTask) -> DatasetLoader {
    DatasetLoader(inputs: inputs, axes: axes, preprocessing: preprocessing, task: task)
  }
}
