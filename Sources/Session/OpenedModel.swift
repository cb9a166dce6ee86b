import Evaluation
import Foundation
import GraphIR
import ModelFormats

/// A model with its card and data, read and checked.
package struct OpenedModel: Sendable {
  package let model: Model
  /// The inputs before numbers were chosen for what they leave open: what is written again leaves it open too.
  package let openInputs: [ValueInfo]
  /// Where the model was read from.
  package let path: String
  package let card: ModelCard?
  /// Nil where there is none: the model is then judged by fidelity on seeded inputs.
  package let evaluation: Dataset?
  package let calibration: Dataset?
  /// Sentences about what was decided for the person, such as data that is missing or was split.
  package let notices: [String]
  /// Where the inputs have their samples.
  package let axes: SampleAxes
  /// Whether inputs are fed as the files have them.
  package let isPlain: Bool

  /// Reads everything the request names, or what lies beside the model.
  /// - Throws: `FormatError` or `SessionError`, each a sentence with the way out.
  package init(_ request: OpenRequest) throws {
    try self.init(request, model: ReadModel(request))
  }

  /// Reads the data for a model that has been read already.
  /// - Throws: as `init(_:)`.
  package init(_ request: OpenRequest, model read: ReadModel) throws {
    let (folder, model) = (read.folder, read.model)
    let card = folder.card
    let evaluationFiles = request.data.isEmpty ? folder.evaluation.map { [$0] } ?? [] : request.data
    // A folder's calibration data belongs to its own evaluation data's domain; it still fits other data of the model.
    let calibrationFiles =
      request.calibration.isEmpty ? folder.calibration.map { [$0] } ?? [] : request.calibration
    if let same = calibrationFiles.first(where: { OpenedModel.names($0, anyOf: evaluationFiles) }) {
      throw SessionError.sameData(file: same)
    }
    let preprocessing = request.preprocessing ?? card?.input.preprocessing ?? Preprocessing()
    let reader = DataReader(
      inputs: model.graph.inputs, axes: read.axes, preprocessing: preprocessing, layout: request.layout,
      // A card that tells no task leaves it to the labels.
      task: request.task ?? card.flatMap { $0.task == .fidelity ? nil : $0.task })
    let cardName = card.flatMap { $0.name.isEmpty ? nil : $0.name }
    var notices: [String] = []
    var evaluation: Dataset?
    if !evaluationFiles.isEmpty {
      evaluation = try reader.read(
        evaluationFiles, split: .evaluation, name: request.data.isEmpty ? cardName : nil, notices: &notices)
    }
    var calibration: Dataset?
    if !calibrationFiles.isEmpty {
      calibration = try reader.inputsOnly(calibrationFiles, split: .calibration)
    } else if let all = evaluation, let parts = try CalibrationShare.split(all) {
      calibration = parts.calibration
      evaluation = parts.evaluation
      notices.append(
        "There is no calibration data: \(parts.calibration.count) of \(all.count) samples are set aside for it "
          + "and not evaluated on.")
    }
    if evaluation == nil {
      notices.append(
        "There is no evaluation data: accuracy is fidelity to the original on seeded random inputs; give data with "
          + "--data.")
    }
    let dimensions = OpenDimensions(model.graph, axes: read.axes)
    let chosen = dimensions.chosen(from: (evaluation ?? calibration)?.inputs ?? [:])
    if let notice = chosen.notice { notices.append(notice) }
    var bound = model
    bound.graph.inputs = try dimensions.bound(chosen.numbers)
    self.model = bound
    openInputs = read.openInputs
    axes = read.axes
    isPlain = preprocessing.isIdentity && request.layout == nil
    path = folder.model
    self.card = card
    self.evaluation = evaluation
    self.calibration = calibration
    self.notices = notices
  }

  /// The card's name, else the file's or its folder's without the ending.
  package var name: String { ReadModel.name(card: card, path: path) }

  /// Bytes of the model's file, and of what it keeps beside it.
  package var fileBytes: Int {
    let size = PathBytes.status(path).map { Int($0.st_size) } ?? 0
    // Weights in files of their own are not asked for: they take at least what they hold.
    return max(size, model.graph.storedByteCount)
  }

  /// The model made ready to be measured.
  /// - Throws: what planning throws, such as an operator that is not known, or `EvaluationError`.
  package func experiment(_ options: Experiment.Options) throws -> Experiment {
    var options = options
    options.output = options.output ?? card?.output
    options.axes = axes
    options.metric = try options.metric ?? cardMetric()
    if case .sequence(let start, let length)? = card?.task { options.positions = start..<start + length }
    return try Experiment(
      model: model, evaluation: evaluation, calibration: calibration, options: options)
  }

  /// The metric that the card asks for, as far as the data can be judged by it.
  private func cardMetric() throws -> Metric? {
    guard let card, let key = card.metric else { return nil }
    guard let metric = Metric(key: key) else {
      throw SessionError.unknownMetric(key: key, choices: Metric.all.map(\.key))
    }
    return metric.needsLabels && evaluation?.targets == nil ? nil : metric
  }

  /// What looks wrong with the data before anything is compressed, each a sentence with the way out.
  /// - Throws: as `Evaluator.dataFindings`.
  package func findings(_ evaluator: Evaluator) async throws -> [String] {
    try await evaluator.dataFindings(promised: card?.metrics.evaluationAccuracy, isPlain: isPlain)
  }

  /// What sessions with this model and data are filed under. Reads every weight: about 5 ms per megabyte.
  package func subject(on machine: MachineDescription) -> SessionSubject {
    SessionSubject(
      model: ContentIdentity(of: model),
      data: evaluation.map { ContentIdentity(of: $0) } ?? ContentIdentity(digest: "synthetic"),
      machine: machine.key, modelName: name, dataName: evaluation?.name ?? "seeded random inputs")
  }

  private static func names(_ path: String, anyOf others: [String]) -> Bool {
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    return others.contains { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path == resolved }
  }
}
