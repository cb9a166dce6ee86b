import Compression
import Evaluation
import GraphIR
import Session
import TerminalUI

extension SubjectSummary {
  /// What can be said of a model before its data is read.
  package init(_ read: ReadModel, machine: MachineDescription) {
    self.init(
      title: read.name, parameters: read.model.parameterCount,
      originalBytes: read.model.graph.storedByteCount,
      data: "reading", metric: "", features: machine.featureLevel, threads: machine.latencyThreads ?? 1,
      layers: LayerCatalog(read.model.graph).layers.map { layer in
        LayerSummary(
          name: layer.name, kind: layer.kind, parameters: layer.parameters, bytes: layer.bytes,
          storedBits: layer.stored.map { String($0.prefix { $0 != " " }) })
      })
  }

  /// The same with what its data is, once that has been read and planned for.
  package func with(_ data: EvaluationData, metric: Metric) -> SubjectSummary {
    var result = self
    // What is made up for a model without data says itself how many samples it has.
    result.data = data.isSynthetic ? data.name : "\(data.name) \(NumberFormat.grouped(data.count))"
    result.metric = metric.label
    return result
  }
}
