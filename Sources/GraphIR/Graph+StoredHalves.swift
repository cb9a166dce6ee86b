import TensorCore

extension Graph {
  /// The 16-bit float weights that meet float32 values: 16 bits are the way they are stored, and every reader sees them
  /// as float32. This is the one place that says so; a file needs a `Cast` behind them, a plan widens them.
  ///
  /// A model that computes in 16 bits (nodes read inputs or make outputs of them, read what is cast to them, or nothing is
  /// float32) keeps its weights as they are.
  package var storedHalves: Set<String> {
    let halves = Set(initializers.filter { $0.value.isDenseHalf }.keys)
    guard !halves.isEmpty else { return [] }
    guard let own = computedHalf(halves) else { return halves }
    var types: [String: DataType] = [:]
    for input in inputs { types[input.name] = input.dataType }
    for (name, weight) in initializers where !halves.contains(name) { types[name] = weight.dataType }

    var stored: Set<String> = []
    for node in nodes {
      let type = node.inputs.lazy.compactMap { types[$0] }.first(where: \.isFloatingPoint) ?? own
      stored.formUnion(
        node.inputs.filter { halves.contains($0) && initializers[$0]?.dataType != type })
      let result = Graph.outputType(of: node, floats: type, types: types)
      for output in node.outputs { types[output] = result }
    }
    return stored
  }

  /// The graph as its readers see it: weights that are only stored in 16 bits are float32.
  /// - Parameter keepsValues: false leaves them zeros, which costs nothing, where types alone are asked for.
  package func wideningStoredHalves(keepsValues: Bool) -> Graph {
    var graph = self
    for name in storedHalves {
      guard let tensor = initializers[name]?.tensor else { continue }
      let values = keepsValues ? tensor.floats : []
      graph.initializers[name] = .dense(
        Tensor(shape: tensor.shape, of: Float.self) { _ = $0.update(fromContentsOf: values) })
    }
    return graph
  }

  /// The 16-bit type that nodes other than `Cast` compute in; nil where there is none. A border of 16 bits with casts to
  /// and from float32 behind it is none.
  private func computedHalf(_ halves: Set<String>) -> DataType? {
    var read: Set<String> = []
    var cast: [(source: String, value: String, type: DataType)] = []
    var made: Set<String> = []
    for node in nodes {
      if node.kind == "Cast" {
        if let type = node.int("to").flatMap({ DataType(onnxCode: $0) }) {
          cast += node.outputs.map { (node.input(0) ?? "", $0, type) }
        }
      } else {
        read.formUnion(node.reads)
        made.formUnion(node.outputs)
      }
    }
    let border =
      inputs.filter { read.contains($0.name) } + outputs.filter { made.contains($0.name) }
    if let half = border.map(\.dataType).first(where: \.isHalf) { return half }
    if let half = cast.first(where: { $0.type.isHalf && read.contains($0.value) }) { return half.type }
    // What is cast to 16 bits and read by no node, or cast from an input to float32, has float32 at its other side.
    let given = Set(inputs.map(\.name))
    let hasFloats =
      border.contains { $0.dataType == .float32 }
      || cast.contains { $0.type.isHalf || ($0.type == .float32 && given.contains($0.source)) }
      || initializers.contains { !halves.contains($0.key) && $0.value.dataType == .float32 }
    return hasFloats ? nil : halves.min().flatMap { initializers[$0]?.dataType }
  }

  /// The type of a node's outputs as far as the question of 16 bits needs it.
  private static func outputType(of node: Node, floats: DataType, types: [String: DataType]) -> DataType {
    switch node.kind {
    case "Cast": node.int("to").flatMap { DataType(onnxCode: $0) } ?? floats
    case "QuantizeLinear": node.input(2).flatMap { types[$0] } ?? .uint8
    case "DequantizeLinear": node.input(1).flatMap { types[$0] } ?? .float32
    case "Shape", "Size", "ArgMax", "ArgMin", "NonZero": .int64
    case "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or", "Not", "Xor", "IsNaN",
      "IsInf":
      .bool
    case "ConstantOfShape": node.tensor("value")?.dataType ?? .float32
    default:
      // Integers stay integers; anything that reads a float gives that float.
      node.inputs.contains { types[$0]?.isFloatingPoint ?? true } || node.inputs.isEmpty
        ? floats : node.inputs.lazy.compactMap { types[$0] }.first ?? floats
    }
  }
}

extension DataType {
  /// Whether it is a float of 16 bits.
  package var isHalf: Bool { self == .float16 || self == .bfloat16 }
}

extension Weight {
  fileprivate var isDenseHalf: Bool {
    guard case .dense(let tensor) = self else { return false }
    return tensor.dataType.isHalf
  }
}
