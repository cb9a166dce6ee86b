import Foundation
import GraphIR
import TensorCore

/// Reads a data set for a model: finds its inputs and labels among a file's arrays, and brings both into the
/// shape and type that the model takes.
package struct DatasetLoader {
  /// The model's inputs, as its graph declares them.
  package let inputs: [ValueInfo]
  /// Where each has its samples; the outermost axis where nothing is known.
  package let axes: SampleAxes?
  package let preprocessing: Preprocessing
  /// How pictures lie in the data where it is not as the model takes them.
  package let layout: DataLayout?
  package let task: ModelTask

  package init(
    inputs: [ValueInfo], axes: SampleAxes? = nil, preprocessing: Preprocessing = Preprocessing(),
    layout: DataLayout? = nil, task: ModelTask
  ) {
    self.inputs = inputs
    self.axes = axes
    self.preprocessing = preprocessing
    self.layout = layout
    self.task = task
  }

  /// - Parameters:
  ///   - paths: one file, or several whose arrays are taken together (images and labels, for example).
  ///   - name: for the header and reports; the first file's name where nil.
  /// - Throws: `FormatError` naming the file, what the model takes and what was found.
  package func load(
    paths: [String], split: Dataset.Split, name: String? = nil
  ) throws -> Dataset {
    let file = paths.joined(separator: " + ")
    var arrays: [String: Tensor] = [:]
    for path in paths {
      for (key, tensor) in try ArrayFile.read(path: path) {
        guard arrays.updateValue(tensor, forKey: key) == nil else {
          throw FormatError.duplicateName(file: file, what: "arrays", name: key)
        }
      }
    }
    let stem = paths.first.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
    return try dataset(arrays, file: file, split: split, name: name ?? stem ?? "data")
  }

  /// The same from arrays already read.
  package func dataset(
    _ arrays: [String: Tensor], file: String, split: Dataset.Split, name: String
  ) throws -> Dataset {
    let choice = try ArrayChoice(arrays, inputs: inputs, file: file)
    var values: [String: Tensor] = [:]
    for input in inputs {
      guard let (array, tensor) = choice.inputs[input.name] else { continue }
      values[input.name] = try prepared(tensor, array: array, for: input, file: file)
    }
    let places = Dictionary(uniqueKeysWithValues: inputs.map { ($0.name, place(of: $0)) })
    let count = values.compactMap { places[$0.key]?.samples(in: $0.value.shape) }
    guard let samples = count.min() ?? (values.isEmpty ? nil : 1), samples > 0 else {
      throw FormatError.emptyFile(file: file)
    }
    if let other = count.first(where: { $0 != samples }) {
      throw FormatError.countMismatch(file: file, samples: samples, labels: other)
    }
    var targets: Tensor?
    if task != .fidelity {
      guard let labels = choice.labels else {
        throw FormatError.missingLabels(file: file, found: arrays.keys.sorted())
      }
      targets = try Labels(file: file).prepared(labels, task: task, samples: samples)
    }
    var data = Dataset(
      name: name, split: split, task: task, inputs: values, targets: targets, places: places)
    data.hasWholeLabels = choice.labels.map { !$0.dataType.isFloatingPoint } ?? false
    data.isFromOneHot = targets.map { $0.count < choice.labels?.count ?? 0 } ?? false
    return data
  }

  private func place(of input: ValueInfo) -> SamplePlace {
    input.dimensions?.isEmpty == true ? .shared : axes?[input.name] ?? .axis(0)
  }

  private func prepared(_ tensor: Tensor, array: String, for input: ValueInfo, file: String) throws -> Tensor
  {
    let place = place(of: input)
    let tensor = try layout?.turned(tensor) ?? tensor
    guard let shape = SampleShape.fitting(tensor.shape, to: input, place) else {
      let turned = DataLayout.fitting(tensor.shape, to: input, place)
      throw FormatError.shapeMismatch(
        file: file, input: input.name, expected: SampleShape.text(input, place),
        found: "\(tensor.shape)" + (turned.map { ", which fits with --layout \($0.rawValue)" } ?? ""))
    }
    if let index = FiniteCheck.firstNonFinite(tensor) {
      throw FormatError.nonFiniteData(
        file: file, array: array, sample: SampleShape.sample(of: index, in: shape, place))
    }
    let shaped = try tensor.reshaped(to: shape)
    guard input.dataType.isFloatingPoint else {
      return try Conversion(file: file, array: array).integers(shaped, to: input.dataType)
    }
    // What is done to pictures is not done to a number beside them.
    let preprocessing = place == .shared ? Preprocessing() : preprocessing
    let processed = preprocessing.isIdentity ? shaped : try preprocessing.applied(to: shaped)
    if let index = FiniteCheck.firstNonFinite(processed) {
      throw FormatError.invalidArray(
        file: file, array: array, expected: "numbers that fit float32 after scale, mean and std",
        found: "\(processed.floats[index]) at \(index)")
    }
    return try Conversion(file: file, array: array).floats(processed, to: input.dataType)
  }
}

/// Which arrays feed which inputs, and which are the labels.
private struct ArrayChoice {
  var inputs: [String: (name: String, tensor: Tensor)] = [:]
  var labels: Tensor?

  static let labelNames = ["y", "labels", "targets", "label", "target", "Y", "y_test", "y_train"]
  static let inputNames = ["x", "X", "input", "inputs", "images", "data", "x_test", "x_train"]

  init(_ arrays: [String: Tensor], inputs wanted: [ValueInfo], file: String) throws {
    let inputNames = Set(wanted.map(\.name))
    var label = ArrayChoice.labelNames.first { arrays[$0] != nil && !inputNames.contains($0) }
    var rest = arrays
    for input in wanted where arrays[input.name] != nil && input.name != label {
      inputs[input.name] = arrays[input.name].map { (input.name, $0) }
      rest[input.name] = nil
    }
    if wanted.count == 1, let only = wanted.first, inputs.isEmpty {
      // Files such as train-images.idx3-ubyte carry the role inside the name.
      label = label ?? arrays.keys.sorted().first { $0.contains("label") || $0.contains("target") }
      if let label { rest[label] = nil }
      let name = ArrayChoice.inputNames.first { rest[$0] != nil } ?? (rest.count == 1 ? rest.keys.first : nil)
      if let name, let tensor = rest[name] { inputs[only.name] = (name, tensor) }
    }
    labels = label.flatMap { arrays[$0] }
    if let missing = wanted.first(where: { inputs[$0.name] == nil }) {
      throw FormatError.missingArray(
        file: file, wanted: wanted.count == 1 ? [missing.name, "x"] : [missing.name],
        found: arrays.keys.sorted())
    }
  }
}
