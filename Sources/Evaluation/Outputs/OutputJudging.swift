import Execution
import GraphIR
import TensorCore

/// Which of a model's outputs are judged, and how.
struct OutputJudging: Sendable {
  /// The one whose score is the model's.
  let headline: Judged
  /// The others that depend on what is fed, held against the original's.
  let others: [Judged]
  /// What is not judged, in words.
  let leftOut: [String]
  /// Sentences about what was decided.
  let notices: [String]

  struct Judged: Sendable {
    let name: String
    let metric: Metric
    let kind: OutputKind
    /// The shape of one sample.
    let sample: [Int]
    let judge: Judge
  }

  var all: [Judged] { [headline] + others }

  /// Values kept of each sample: of others than the headline at most this many, so that a cache of keys and values for each
  /// of many layers does not fill the memory.
  private static let mostOthers = 8
  private static let mostValues = 1 << 20

  /// - Parameters:
  ///   - plan: the original's for single samples.
  ///   - output: the output that is to be judged; nil for the first that depends on what is fed.
  ///   - metric: nil for what fits the data's task and the output's kind.
  ///   - positions: of a sequence, those that the task reads; nil for all.
  /// - Throws: `EvaluationError` where output, metric and data do not fit together.
  init(
    _ graph: Graph, plan: ModelPlan, data: EvaluationData, axes: SampleAxes, output: String?,
    metric: Metric?, positions: Range<Int>?
  ) throws {
    let fed = OutputDependence(graph)
    let states = Set(CarriedStates(graph).outputs.values)
    let finder = OutputKindFinder(graph, inputs: plan.inputs)
    // Where a sample leaves an output empty, as detections may be, or it is a text, another one tells more.
    let telling = plan.outputs.filter { $0.type.shape.count > 0 && $0.type.dataType != .string }
    let changing = telling.filter { fed.isFed($0.name) }
    let wanted =
      output.map { output in plan.outputs.first { $0.name == output } }
      ?? changing.first { !states.contains($0.name) } ?? changing.first ?? telling.first ?? plan.outputs.first
    guard let chosen = wanted else {
      throw EvaluationError.unknownOutput(name: output ?? "", choices: graph.outputs.map(\.name))
    }
    func judged(_ name: String, _ type: TensorType, isHeadline: Bool) throws -> Judged {
      let layout = try OutputLayout.of(name, in: plan, single: plan, axes)
      let kind = states.contains(name) ? .values : finder.kind(of: name, type, layout)
      guard type.dataType != .string, layout.size > 0 else {
        throw EvaluationError.output(expected: "at least one number per sample", found: "\(type)")
      }
      let task: ModelTask = isHeadline ? data.task : .fidelity
      let chosen = (isHeadline ? metric : nil) ?? OutputJudging.metric(of: task, kind)
      let reference = OutputJudging.reference(chosen, isHeadline && data.targets != nil)
      guard let reference else { throw EvaluationError.noLabels(metric: chosen.key, data: data.name) }
      let subject = JudgedOutput(
        name: name, type: type, sample: layout.sample, kind: kind, reference: reference, data: data,
        positions: positions)
      return Judged(
        name: name, metric: chosen, kind: kind, sample: layout.sample,
        judge: try chosen.judge(subject).stepwise(data.samples.steps))
    }
    headline = try judged(chosen.name, chosen.type, isHeadline: true)

    var others: [Judged] = []
    var leftOut: [String] = []
    var values = 0
    for (name, type) in plan.outputs where name != chosen.name {
      guard fed.isFed(name) else {
        leftOut.append("\(name) does not depend on the inputs")
        continue
      }
      guard type.dataType != .string, type.shape.count > 0 else {
        leftOut.append("\(name) holds no numbers")
        continue
      }
      values += type.shape.count
      guard others.count < OutputJudging.mostOthers, values <= OutputJudging.mostValues else {
        leftOut.append("\(name) is one of many or large")
        continue
      }
      do { others.append(try judged(name, type, isHeadline: false)) } catch {
        leftOut.append("\(name) has no samples told apart")
      }
    }
    self.others = others
    self.leftOut = leftOut
    var notices = headline.judge.notices
    if output == nil, let first = graph.outputs.first?.name, first != chosen.name {
      let reason = fed.isFed(first) ? "is a state or empty" : "does not depend on the inputs"
      notices.append(
        "The output \"\(first)\" \(reason): \"\(chosen.name)\" is judged; --output-name chooses another.")
    }
    if !fed.isFed(chosen.name) {
      notices.append(
        "The output \"\(chosen.name)\" does not depend on the inputs, so that no compression can change it.")
    }
    self.notices = notices
  }

  /// What a metric holds answers against; nil where it needs labels that are not there.
  private static func reference(_ metric: Metric, _ hasLabels: Bool) -> Metric.Reference? {
    if hasLabels, metric.references.contains(.labels) { return .labels }
    return metric.references.contains(.original) ? .original : nil
  }

  private static func metric(of task: ModelTask, _ kind: OutputKind) -> Metric {
    switch task {
    case .classification: .top1
    case .sequence: .exactMatch
    case .regression: .r2
    case .multiLabel: .labelAgreement
    case .positions: if case .mask = kind { .pixelAgreement } else { .agreement }
    case .fidelity: kind.metric
    }
  }
}
