import GraphIR
import TensorCore

/// The batch normalization nearest to an input: its stored statistics say what its inputs were in training.
struct FirstNormalization: Sendable {
  let node: String
  /// The value it reads.
  let value: String
  let means: [Float]
  let variances: [Float]

  /// Nil where none is reached from an input through convolutions, products and what lies between them.
  init?(_ graph: Graph) {
    let producers = graph.producers
    let inputs = Set(graph.inputs.map(\.name))
    for node in graph.nodes where node.kind == "BatchNormalization" {
      guard let value = node.input(0), FirstNormalization.isNear(value, inputs, graph, producers),
        let means = FirstNormalization.floats(node.input(3), graph),
        let variances = FirstNormalization.floats(node.input(4), graph), means.count == variances.count
      else { continue }
      self.node = node.name
      self.value = value
      self.means = means
      self.variances = variances
      return
    }
    return nil
  }

  private static func floats(_ name: String?, _ graph: Graph) -> [Float]? {
    guard let name, case .dense(let tensor)? = graph.initializers[name] else { return nil }
    return tensor.floats
  }

  /// Whether a value is an input, or one layer away from it.
  private static func isNear(
    _ value: String, _ inputs: Set<String>, _ graph: Graph, _ producers: [String: Int]
  ) -> Bool {
    var value = value
    var layers = 0
    while !inputs.contains(value) {
      guard let index = producers[value], let next = graph.nodes[index].input(0) else { return false }
      // Another normalization stands in front: this is not the first.
      if graph.nodes[index].kind.type.contains("Normalization") { return false }
      layers += 1
      if layers > 4 { return false }
      value = next
    }
    return true
  }

  /// Adds a run's values to `sums`: per channel the squared distance from the mean over the variance, and how many.
  func add(_ values: [Float], _ shape: Shape, to sums: inout (distance: Double, count: Double)) {
    guard shape.rank > 1, shape[1] == means.count else { return }
    let inner = shape.dimensions[2...].reduce(1, *)
    for (index, value) in values.enumerated() {
      let channel = index / inner % means.count
      let distance = Double(value - means[channel])
      sums.distance += distance * distance / max(Double(variances[channel]), 1e-12)
      sums.count += 1
    }
  }
}
