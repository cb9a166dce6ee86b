import GraphIR
import Rewriting
import TensorCore

/// The constants that shrink with channels.
struct ConstantSlices {
  let context: PassContext
  let analysis: ChannelAnalysis
  let kept: [Int: Set<Int>]

  /// By axis, the entries of a constant that stay.
  private typealias Entries = [Int: [Int]]

  func apply(to result: inout PassResult) throws {
    let layers = Dictionary(
      context.layers.map { ($0.layer.weightName, $0) }, uniquingKeysWith: { first, _ in first })
    let consumers = context.graph.consumers
    let outputs = Set(context.graph.outputs.map(\.name))
    var slices: [String: [String: Entries]] = [:]
    for slice in analysis.slices {
      guard let entries = analysis.keptEntries(slice.along.channels, kept: kept) else { continue }
      slices[slice.constant, default: [:]][slice.node, default: [:]][slice.along.axis] = entries
    }
    for (name, readers) in slices.sorted(by: { $0.key < $1.key }) {
      guard let weight = context.graph.initializers[name] else { continue }
      if let layer = layers[name], let entries = readers.values.first {
        try shrink(weight, of: layer, to: entries, &result)
        continue
      }
      let all = (consumers[name] ?? []).map { context.graph.nodes[$0] }
      if !outputs.contains(name), let entries = readers.values.first,
        all.allSatisfy({ readers[$0.name] == entries && $0.inputs.contains(name) })
      {
        result.builder.set(try Self.sliced(weight, entries), named: name)
        continue
      }
      // Whoever reads a constant that others read otherwise gets its own; nodes that shrink it alike share one.
      var made: [Entries: String] = [:]
      for node in all {
        guard let entries = readers[node.name] else { continue }
        let own =
          try made[entries] ?? result.builder.add(try Self.sliced(weight, entries), "\(node.name)/\(name)")
        made[entries] = own
        result.builder.edit(node.name) { node in
          node.inputs = node.inputs.map { $0 == name ? own : $0 }
        }
      }
    }
  }

  private func shrink(
    _ weight: Weight, of layer: TrackedLayer, to entries: Entries, _ result: inout PassResult
  ) throws {
    let output = layer.layer.outputAxis
    let input = layer.layer.form == .conv ? 1 : 1 - output
    let state = layer.state.after(.sliced(outputs: entries[output], inputs: entries[input]))
    result.set(
      try context.caches.weights.value(for: state) { try Self.sliced(weight, entries) },
      named: layer.layer.weightName, state: state)
  }

  private static func sliced(_ weight: Weight, _ axes: Entries) throws -> Weight {
    try axes.sorted { $0.key < $1.key }.reduce(weight) { try $0.keeping($1.value, axis: $1.key) }
  }
}
