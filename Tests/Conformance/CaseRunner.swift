import Execution
import GraphIR
import Gradients
import Kernels
import ModelFormats
import Operators
import TensorCore

/// How one case ended.
struct CaseResult {
  enum Outcome {
    case passed
    case failed(String)
    case unsupported(String)

    var isPassed: Bool { if case .passed = self { true } else { false } }
  }

  let folder: CaseFolder
  /// The operators of the graph, nested ones included; empty where it could not be read.
  let kinds: Set<OperatorKind>
  /// Whether one execution plan ran it whole, made ahead.
  let isPlanned: Bool
  let outcome: Outcome

  var id: String { folder.id }

  var line: String {
    switch outcome {
    case .passed: "\(id): passed"
    case .failed(let reason): "\(id): failed: \(reason)"
    case .unsupported(let reason): "\(id): unsupported: \(reason)"
    }
  }
}

/// Runs cases node by node, and as the product runs a model: both must give what is expected.
struct CaseRunner {
  let table: KernelTable

  func run(_ folder: CaseFolder) -> CaseResult {
    var kinds: Set<OperatorKind> = []
    var isPlanned = false
    let outcome: CaseResult.Outcome
    do {
      let model = try ONNXReader.read(path: "\(folder.path)/model.onnx")
      kinds = model.graph.allKinds
      outcome = try run(folder, model.graph, &isPlanned)
    } catch let error as OperatorError {
      if case .unsupported = error {
        outcome = .unsupported("\(error)")
      } else {
        outcome = .failed("\(error)")
      }
    } catch let error as FormatError {
      outcome = .unsupported("\(error)")
    } catch {
      outcome = .failed("\(error)")
    }
    return CaseResult(folder: folder, kinds: kinds, isPlanned: isPlanned, outcome: outcome)
  }

  private func run(_ folder: CaseFolder, _ graph: Graph, _ isPlanned: inout Bool) throws -> CaseResult.Outcome
  {
    let comparison = Comparison(tolerance: folder.tolerance, strictness: Strictness(graph.allKinds))
    for set in try folder.dataSets(for: graph) {
      let dimensions = ShapeInference.dimensions(of: graph, from: set.inputs.compactMapValues(\.tensor))
      let plain = try GradientExpansion.expanded(graph, dimensions: dimensions)
      let found = try ReferenceRunner(table: table).run(plain, values: set.inputs)
      for (output, expected) in zip(graph.outputs, set.outputs) {
        guard let value = found[output.name] else { return .failed("\(output.name) is missing") }
        if let difference = comparison.difference(value, expected) { return .failed(difference) }
      }
      guard let found = try compiled(graph, set.inputs, &isPlanned) else { continue }
      for (output, expected) in zip(graph.outputs, set.outputs) where expected.tensor != nil {
        guard let value = found[output.name] else { return .failed("the plan lacks \(output.name)") }
        if let difference = comparison.difference(.tensor(value), expected) {
          return .failed("by the plan: \(difference)")
        }
      }
    }
    return .passed
  }

  /// What the product's own way gives: one plan, or stage by stage where only a run can tell the shapes. Nil where an input
  /// is no tensor.
  private func compiled(
    _ graph: Graph, _ inputs: [String: RuntimeValue], _ isPlanned: inout Bool
  ) throws -> [String: Tensor]? {
    let tensors = inputs.compactMapValues(\.tensor)
    guard tensors.count == inputs.count else { return nil }
    let plan = try ModelPlan(
      graph: graph,
      options: PlanOptions(dimensions: ShapeInference.dimensions(of: graph, from: tensors), forms: .stored),
      trial: tensors)
    if !plan.isStaged { isPlanned = true }
    return try plan.run(tensors, in: plan.makeContext())
  }
}

extension Graph {
  /// The kinds of all nodes, those of nested graphs too.
  var allKinds: Set<OperatorKind> {
    var kinds: Set<OperatorKind> = []
    for node in nodes {
      kinds.insert(node.kind)
      for case .graph(let body) in node.attributes.values { kinds.formUnion(body.allKinds) }
    }
    return kinds
  }
}
