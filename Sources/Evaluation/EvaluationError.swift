import TensorCore

/// Why a model cannot be evaluated.
package enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// The data has no tensor for a model input.
  case missingInput(name: String, found: [String])
  /// The data's samples do not fit what the model's input declares.
  case inputShape(name: String, expected: String, found: Shape)
  case noSamples(data: String)
  /// The model runs only in batches larger than the data.
  case fewerThanBatch(samples: Int, batch: Int)
  case wrongSplit(data: String, expected: String, found: String)
  /// Labels or targets do not fit the task or the model's output.
  case targets(data: String, expected: String, found: String)
  case output(expected: String, found: String)
  /// An input whose dimensions cannot be guessed for synthetic samples.
  case unknownInput(name: String)
  /// A metric was asked for that the output is not made for.
  case metric(String, output: String, expected: String, found: String)
  /// A metric was asked for that needs labels.
  case noLabels(metric: String, data: String)
  /// zlib could not start.
  case deflate
  /// The graph has no output of the name that the card gives.
  case unknownOutput(name: String, choices: [String])

  package var description: String {
    switch self {
    case .missingInput(let name, let found):
      "the model's input \"\(name)\" has no data; the data holds "
        + "\(found.isEmpty ? "nothing" : found.joined(separator: ", ")), rename the array"
    case .inputShape(let name, let expected, let found):
      "the model's input \"\(name)\" takes \(expected), but the data has \(found); give data of that shape"
    case .noSamples(let data): "the data \"\(data)\" holds no samples; give a file with at least one"
    case .fewerThanBatch(let samples, let batch):
      "the model takes exactly \(batch) samples at a time, but the data has only \(samples); give at least \(batch)"
    case .wrongSplit(let data, let expected, let found):
      "\"\(data)\" is \(found) data where \(expected) data is needed; the two are never mixed"
    case .targets(let data, let expected, let found):
      "the labels of \"\(data)\" should be \(expected), but are \(found); check the task in the card"
    case .output(let expected, let found):
      "the model's output should be \(expected) for this task, but is \(found); check the task in the card"
    case .unknownInput(let name):
      "the model's input \"\(name)\" does not declare its rank, so no samples can be made up; give data with --data"
    case .metric(let metric, let output, let expected, let found):
      "\(metric) judges \(expected), but the output \"\(output)\" is \(found); choose another with --metric, or another "
        + "output with --output-name"
    case .noLabels(let metric, let data):
      "\(metric) needs labels, but \(data) has none; give labelled data with --data, or choose one of "
        + Metric.all.filter { !$0.needsLabels }.map(\.key).joined(separator: ", ")
    case .deflate: "the compressed size cannot be found, since zlib has no memory; close other programs"
    case .unknownOutput(let name, let choices):
      "the model has no output \"\(name)\"; name one of \(choices.joined(separator: ", ")) in the card "
        + "or with --output-name"
    }
  }
}
