import GraphIR
import ModelFormats
import TensorCore

/// Seeded models with every kind of attribute, weight and shape that is written.
struct RandomModel {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  mutating func shape(rank: ClosedRange<Int> = 0...4) -> Shape {
    Shape(known: (0..<int(rank)).map { _ in int(0...5) })
  }

  mutating func tensor(_ type: DataType? = nil, shape: Shape? = nil) -> Tensor {
    let type = type ?? DataType.plain[int(0...DataType.plain.count - 1)]
    let shape = shape ?? self.shape()
    var bytes = (0..<shape.count * type.byteCount).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    if type == .bool { bytes = bytes.map { $0 & 1 } }
    let storage = TensorStorage(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    return try! Tensor(shape: shape, dataType: type, storage: storage)
  }

  mutating func quantized() -> QuantizedTensor {
    let shape = Shape(known: (0..<int(1...4)).map { _ in int(1...6) })
    let bits = WeightBits.allCases[int(0...WeightBits.allCases.count - 1)]
    let axis = int(0...1) == 0 ? nil : int(0...shape.rank - 1)
    let channels = axis.map { shape[$0] } ?? 1
    var zeroPoints = int(0...1) == 0 ? [] : (0..<channels).map { _ in Int32(int(bits.codeRange)) }
    if zeroPoints.allSatisfy({ $0 == 0 }) { zeroPoints = [] }
    return try! QuantizedTensor(
      shape: shape, bits: bits, axis: axis, scales: (0..<channels).map { _ in generator.uniform() + 0.01 },
      zeroPoints: zeroPoints, codes: (0..<shape.count).map { _ in Int8(int(bits.codeRange)) })
  }

  mutating func model() -> Model {
    let opset = int(13...23)
    let graph = graph(opset: opset, prefix: "", depth: 0)
    return Model(
      graph: graph,
      metadata: Model.Metadata(
        fileName: "test.onnx", producer: "random", irVersion: 11,
        properties: ["seed": "\(int(0...99))", "": "x"]))
  }

  mutating func graph(opset: Int, prefix: String, depth: Int) -> Graph {
    var values = ["\(prefix)x"]
    var initializers: [String: Weight] = [:]
    for index in 0..<int(0...6) {
      let name = "\(prefix)w\(index)"
      switch int(0...2) {
      case 0: initializers[name] = .quantized(quantized())
      case 1: initializers[name] = .dense(tensor(.float16))
      default: initializers[name] = .dense(tensor())
      }
      values.append(name)
    }
    var nodes: [Node] = []
    for index in 0..<int(1...8) {
      let kinds: [OperatorKind] = [
        "MatMul", "Conv", "Add", OperatorKind("Odd", domain: "com.example"), "Clip",
      ]
      let inputs = (0..<int(1...3)).map { _ in int(0...9) == 0 ? "" : values[int(0...values.count - 1)] }
      let output = "\(prefix)v\(index)"
      var attributes: [String: Attribute] = [:]
      for name in ["a", "b", "c"].prefix(int(0...3)) {
        attributes[name] = attribute(opset: opset, output, depth)
      }
      nodes.append(
        Node(
          name: "\(prefix)n\(index)", kind: kinds[int(0...kinds.count - 1)], inputs: inputs,
          outputs: [output], attributes: attributes))
      values.append(output)
    }
    return Graph(
      name: "\(prefix)g",
      inputs: [
        ValueInfo(
          name: "\(prefix)x", dataType: .float32, dimensions: [.symbolic("N"), .symbolic(""), .fixed(3)])
      ],
      outputs: [ValueInfo(name: "\(prefix)v0", dataType: .float32, dimensions: nil)], nodes: nodes,
      initializers: initializers, opsets: ["": opset, "com.example": 1])
  }

  private mutating func attribute(opset: Int, _ owner: String, _ depth: Int) -> Attribute {
    switch int(0...(depth < 2 ? 7 : 6)) {
    case 0: .int(int(-5...5))
    case 1: .float(generator.normal())
    case 2: .string("text \(int(0...9))")
    case 3: .tensor(tensor())
    case 4: .ints((0..<int(0...4)).map { _ in int(-9...9) })
    case 5: .floats((0..<int(0...4)).map { _ in generator.normal() })
    case 6: .strings(["a", "", "ü"])
    default: .graph(graph(opset: opset, prefix: owner + "/\(int(0...1_000_000))/", depth: depth + 1))
    }
  }
}
