import GraphIR
import Operators

/// Which values of a graph depend on what is fed, and not only on its shape.
struct OutputDependence {
  private var reached: Set<String>

  init(_ graph: Graph) {
    reached = Set(graph.inputs.map(\.name))
    for node in graph.nodes where node.reads.contains(where: reached.contains) {
      let member = try? OperatorRegistry.standard.find(node, opset: graph.opset(of: node))
      if member?.traits(of: node.kind).promises.contains(.typeOnly) == true { continue }
      reached.formUnion(node.outputs.filter { !$0.isEmpty })
    }
  }

  func isFed(_ value: String) -> Bool { reached.contains(value) }
}
