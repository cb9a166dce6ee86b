import GraphIR
import Gradients
import Rewriting
import TensorCore

/// Where on the way to a value the first NaN comes up on calibration data, or the first infinity where there is no NaN.
package struct NonFiniteOrigin: Hashable, Sendable {
  /// The value that holds it.
  package let value: String
  /// The node that makes it of finite values, such as "p (Softmax)"; nil where it is an input of the model.
  package let maker: String?
  package let isNaN: Bool
  /// The first sample with it, from 1.
  package let sample: Int

  package init(value: String, maker: String?, isNaN: Bool, sample: Int) {
    self.value = value
    self.maker = maker
    self.isNaN = isNaN
    self.sample = sample
  }
}

extension CompressionError {
  /// The error for a value that is not finite on calibration data, with where that comes from as far as it can be found.
  static func nonFinite(_ value: String, in context: PassContext) -> CompressionError {
    .nonFiniteActivation(value: value, origin: NonFiniteSearch(context: context)?.origin(of: value))
  }
}

/// Looks at what stands in front of a value, in the order in which it is computed. It runs the data again, some values at
/// a time, so that a large model's are never all in memory.
private struct NonFiniteSearch {
  private let graph: Graph
  private let activations: any ActivationSource
  private let types: [String: TensorType]

  private static let valuesPerRun = 32

  init?(context: PassContext) {
    guard let activations = context.activations else { return nil }
    self.activations = activations
    graph = context.unquantized.graph
    let known = try? GraphTypes.inferUnderSmallNumbers(
      graph, prepare: { try GradientExpansion.expanded($0, dimensions: $1) })
    guard let known else { return nil }
    types = known.types
  }

  func origin(of value: String) -> NonFiniteOrigin? {
    let values = valuesInFront(of: value)
    var infinite: NonFiniteOrigin?
    for start in stride(from: 0, to: values.count, by: Self.valuesPerRun) {
      let part = Array(values[start..<min(start + Self.valuesPerRun, values.count)])
      guard let found = try? observe(part) else { return infinite }
      for value in part {
        guard let places = found[value] else { continue }
        if let sample = places.nan { return origin(value, isNaN: true, sample) }
        if infinite == nil, let sample = places.infinite { infinite = origin(value, isNaN: false, sample) }
      }
    }
    return infinite
  }

  private func origin(_ value: String, isNaN: Bool, _ sample: Int) -> NonFiniteOrigin {
    let maker = graph.nodes.first { $0.outputs.contains(value) }
    return NonFiniteOrigin(
      value: value, maker: maker.map { "\($0.name) (\($0.kind))" }, isNaN: isNaN, sample: sample + 1)
  }

  /// The value and all floats that it is computed of, inputs first.
  private func valuesInFront(of value: String) -> [String] {
    let producers = graph.producers
    var wanted: Set<String> = []
    var open = [value]
    while let next = open.popLast() {
      guard graph.initializers[next] == nil, wanted.insert(next).inserted else { continue }
      if let index = producers[next] { open += graph.nodes[index].reads }
    }
    let order = graph.inputs.map(\.name) + graph.nodes.flatMap(\.outputs)
    return order.filter { wanted.contains($0) && types[$0]?.dataType == .float32 }
  }

  /// By value, the first sample with NaN and the first with an infinity.
  private func observe(_ values: [String]) throws -> [String: (nan: Int?, infinite: Int?)] {
    var found: [String: (nan: Int?, infinite: Int?)] = [:]
    var seen: [String: Int] = [:]
    try activations.observe(Set(values), of: graph) { name, shape, elements in
      let samples = shape.rank > 0 ? max(1, shape[0]) : 1
      let width = max(1, elements.count / samples)
      let first = seen[name, default: 0]
      for index in elements.indices where !elements[index].isFinite {
        let sample = first + index / width
        if elements[index].isNaN {
          found[name] = (found[name]?.nan ?? sample, found[name]?.infinite)
        } else {
          found[name] = (found[name]?.nan, found[name]?.infinite ?? sample)
        }
      }
      seen[name] = first + samples
    }
    return found
  }
}
