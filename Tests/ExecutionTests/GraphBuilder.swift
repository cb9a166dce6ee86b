import GraphIR
import TensorCore

/// Builds small graphs with seeded weights for tests. A class, so that a node can be added in an argument of another call.
final class GraphBuilder {
  private(set) var nodes: [Node] = []
  private(set) var inputs: [ValueInfo] = []
  private(set) var initializers: [String: Weight] = [:]
  var random: SeededGenerator
  var opset = 17
  private var count = 0

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private func name(_ stem: String) -> String {
    count += 1
    return "\(stem)\(count)"
  }

  func input(_ name: String = "x", _ shape: [Int], _ type: DataType = .float32) -> String {
    inputs.append(ValueInfo(name: name, dataType: type, dimensions: shape.map { .fixed($0) }))
    return name
  }

  func input(_ name: String = "x", dimensions: [Dimension]) -> String {
    inputs.append(ValueInfo(name: name, dataType: .float32, dimensions: dimensions))
    return name
  }

  func values(_ count: Int, scale: Float = 1) -> [Float] {
    (0..<count).map { _ in random.normal() * scale }
  }

  func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  func flip() -> Bool { Bool.random(using: &random) }

  /// A seeded dense weight scaled so that sums stay near one; `density` of its elements differ from zero.
  func weight(_ shape: [Int], scale: Float? = nil, density: Float = 1) -> String {
    let shape = Shape(known: shape)
    let fanIn = max(1, shape.count / max(1, shape.rank > 0 ? shape[0] : 1))
    let factor = scale ?? 1 / Float(fanIn).squareRoot()
    var elements = values(shape.count, scale: factor)
    if density < 1 {
      for index in elements.indices where random.uniform() >= density { elements[index] = 0 }
    }
    return constant(try! Tensor(shape: shape, elements))
  }

  func constant(_ tensor: Tensor) -> String { add(.dense(tensor)) }

  func constant(_ values: [Float], _ shape: [Int]? = nil) -> String {
    constant(try! Tensor(shape: Shape(known: shape ?? [values.count]), values))
  }

  func constant(integers values: [Int]) -> String {
    constant(try! Tensor(shape: Shape(known: [values.count]), values.map(Int64.init)))
  }

  func scalar(_ value: Float) -> String { constant(Tensor(scalar: value)) }

  func add(_ weight: Weight) -> String {
    let name = name("w")
    initializers[name] = weight
    return name
  }

  /// A seeded quantized weight with one scale per index of `axis` (nil: one in all).
  func quantized(
    _ shape: [Int], bits: WeightBits, axis: Int?, asymmetric: Bool = false, density: Float = 1
  ) -> String {
    let shape = Shape(known: shape)
    let channels = axis.map { shape[$0] } ?? 1
    let range = bits.codeRange
    let scales = (0..<channels).map { _ in (0.5 + random.uniform()) / Float(range.upperBound) / 4 }
    let zeros = asymmetric ? (0..<channels).map { _ in Int32(Int.random(in: range, using: &random)) } : []
    let codes = (0..<shape.count).map { _ in
      if bits == .binary { return Int8(Bool.random(using: &random) ? 1 : -1) }
      return random.uniform() >= density ? 0 : Int8(Int.random(in: range, using: &random))
    }
    return add(
      .quantized(
        try! QuantizedTensor(
          shape: shape, bits: bits, axis: axis, scales: scales, zeroPoints: zeros, codes: codes)))
  }

  @discardableResult
  func node(
    _ kind: OperatorKind, _ inputs: [String], outputs: Int = 1, named: String? = nil,
    _ attributes: [String: Attribute] = [:]
  ) -> String {
    let name = named ?? name(kind.type.lowercased())
    let results = (0..<outputs).map { outputs == 1 ? "\(name).out" : "\(name).out\($0)" }
    nodes.append(Node(name: name, kind: kind, inputs: inputs, outputs: results, attributes: attributes))
    return results[0]
  }

  /// QuantizeLinear and DequantizeLinear over roughly -4...4.
  func fake8(_ value: String, scale: Float = 8 / 255, zero: UInt8 = 128) -> String {
    let (scale, zero) = (scalar(scale), constant(Tensor(scalar: zero)))
    return node("DequantizeLinear", [node("QuantizeLinear", [value, scale, zero]), scale, zero])
  }

  func batchNorm(_ value: String, channels: Int) -> String {
    let scale = constant((0..<channels).map { _ in 0.5 + random.uniform() })
    let bias = constant(values(channels))
    let mean = constant(values(channels, scale: 0.3))
    let variance = constant((0..<channels).map { _ in 0.3 + random.uniform() })
    return node("BatchNormalization", [value, scale, bias, mean, variance], ["epsilon": .float(1e-3)])
  }

  func graph(_ outputs: [String]) -> Graph {
    Graph(
      name: "test", inputs: inputs,
      outputs: outputs.map { ValueInfo(name: $0, dataType: .float32, dimensions: nil) }, nodes: nodes,
      initializers: initializers, opsets: ["": opset])
  }

  /// Seeded normal data for every input.
  func data(batch: Int = 1) -> [String: Tensor] {
    var data: [String: Tensor] = [:]
    for input in inputs {
      let shape = Shape(
        known: (input.dimensions ?? []).map { if case .fixed(let size) = $0 { size } else { batch } })
      data[input.name] = try! Tensor(shape: shape, values(shape.count))
    }
    return data
  }
}
