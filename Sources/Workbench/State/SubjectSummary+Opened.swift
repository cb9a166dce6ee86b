import Evaluation
import GraphIR
import Session
import TerminalUI

extension SubjectSummary {
  /// What the header and the table say of a model that has been opened and planned.
  package init(_ opened: OpenedModel, _ experiment: Experiment) {
    let data = experiment.data
    self.init(
      title: opened.name, parameters: opened.model.parameterCount,
      originalBytes: opened.model.graph.storedBytes.count,
      data: "\(data.name) \(NumberFormat.grouped(data.count))", metric: SubjectSummary.metric(of: data.task),
      features: experiment.machine.featureLevel, threads: experiment.machine.threads,
      layers: experiment.compressor.catalog.layers.map {
        LayerSummary(name: $0.name, kind: $0.kind, parameters: $0.parameters, bytes: $0.bytes)
      })
  }

  private static func metric(of task: GraphIR.Task) -> String {
    switch task {
    case .classification: "top-1"
    case .sequence: "exact match"
    case .regression: "r2"
    case .fidelity: "same answer as the original"
    }
  }
}
