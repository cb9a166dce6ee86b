import GraphIR
import ModelFormats
import TensorCore

/// Reads data for a model, and finds out what it can be judged by where nothing says so.
struct DataReader {
  let inputs: [ValueInfo]
  let axes: SampleAxes
  let preprocessing: Preprocessing
  let layout: DataLayout?
  /// Nil where neither a card nor the person tells the task.
  let task: ModelTask?

  /// A told task's labels may be missing: the data is then judged by fidelity, with a notice. Where no task is told,
  /// labels tell it: one whole number a sample or one 1 in a row of zeros means classification, other rows of zeros and
  /// ones several labels a sample, whole numbers in other shapes a label at each position, other ones regression, none
  /// fidelity.
  func read(
    _ files: [String], split: Dataset.Split, name: String?, notices: inout [String]
  ) throws -> Dataset {
    do {
      let data = try loader(task ?? .classification(classes: [])).load(paths: files, split: split, name: name)
      if data.isFromOneHot {
        notices.append(
          "The labels have a 1 in the column of each sample's class, and are taken as class numbers.")
      }
      return data
    } catch FormatError.missingLabels {
      notices.append(
        "\(files.joined(separator: ", ")) holds no labels: accuracy is fidelity to the original.")
      return try inputsOnly(files, split: split, name: name)
    } catch FormatError.invalidLabels where task == nil {
      return try other(files, split: split, name: name, notices: &notices)
    }
  }

  /// What labels mean that are no class numbers.
  private func other(
    _ files: [String], split: Dataset.Split, name: String?, notices: inout [String]
  ) throws -> Dataset {
    var data = try loader(.regression).load(paths: files, split: split, name: name)
    guard let targets = data.targets, targets.shape.rank > 1 else { return data }
    if OneHot.isBinary(targets), targets.shape.rank == 2 {
      data.task = .multiLabel
      notices.append(
        "The labels are \(OneHot.columns(of: targets)) of 0 or 1 for each sample: each is judged by itself.")
    } else if data.hasWholeLabels {
      data.task = .positions
      notices.append("The labels are a class number at each position, and are judged position by position.")
    }
    return data
  }

  /// Samples without labels.
  func inputsOnly(_ files: [String], split: Dataset.Split, name: String? = nil) throws -> Dataset {
    try loader(.fidelity).load(paths: files, split: split, name: name)
  }

  private func loader(_ task: ModelTask) -> DatasetLoader {
    DatasetLoader(inputs: inputs, axes: axes, preprocessing: preprocessing, layout: layout, task: task)
  }
}
