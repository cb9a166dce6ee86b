import GraphIR
import TensorCore

/// Small seeded networks that the suites share.
struct NetworkBuilder {
  var random: SeededGenerator
  var nodes: [Node] = []
  var weights: [String: Weight] = [:]
  var value: String

  init(seed: UInt64, input: String = "x") {
    random = SeededGenerator(seed: seed)
    value = input
  }

  mutating func normal(_ dimensions: [Int], scale: Float = 1) -> Tensor {
    var generator = random
    let tensor = Tensor(shape: Shape(known: dimensions), of: Float.self) { values in
      for index in values.indices { values[index] = generator.normal() * scale }
    }
    random = generator
    return tensor
  }

  mutating func constant(_ name: String, _ tensor: Tensor) -> String {
    weights[name] = .dense(tensor)
    return name
  }

  @discardableResult
  mutating func node(
    _ name: String, _ kind: OperatorKind, _ inputs: [String], _ attributes: [String: Attribute] = [:]
  ) -> String {
    nodes.append(Node(name: name, kind: kind, inputs: inputs, outputs: ["\(name):0"], attributes: attributes))
    value = "\(name):0"
    return value
  }

  mutating func gemm(_ name: String, _ inputs: Int, _ outputs: Int, transposed: Bool = true) {
    let weight = constant("\(name).weight", normal(transposed ? [outputs, inputs] : [inputs, outputs]))
    let bias = constant("\(name).bias", normal([outputs]))
    node(name, "Gemm", [value, weight, bias], transposed ? ["transB": .int(1)] : [:])
  }

  mutating func matMul(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true) {
    let weight = constant("\(name).weight", normal([inputs, outputs]))
    node(name, "MatMul", [value, weight])
    if bias { node("\(name).add", "Add", [value, constant("\(name).bias", normal([outputs]))]) }
  }

  mutating func conv(
    _ name: String, _ inputs: Int, _ outputs: Int, _ window: Int = 3, group: Int = 1, pad: Int = 1
  ) {
    let weight = constant("\(name).weight", normal([outputs, inputs / group, window, window]))
    let bias = constant("\(name).bias", normal([outputs]))
    var attributes: [String: Attribute] = [
      "kernel_shape": .ints([window, window]), "pads": .ints([pad, pad, pad, pad]),
    ]
    if group > 1 { attributes["group"] = .int(group) }
    node(name, "Conv", [value, weight, bias], attributes)
  }

  func model(input: [Int], inputName: String = "x", outputs: [String]? = nil) -> Model {
    Model(
      graph: Graph(
        name: "test",
        inputs: [ValueInfo(name: inputName, dataType: .float32, dimensions: input.map { .fixed($0) })],
        outputs: (outputs ?? [value]).map { ValueInfo(name: $0, dataType: .float32, dimensions: nil) },
        nodes: nodes, initializers: weights, opsets: ["": 17]),
      metadata: Model.Metadata(fileName: "test.onnx"))
  }
}

extension Model {
  func floats(_ name: String) -> [Float] { graph.initializers[name]?.tensor.floats ?? [] }
}

/// Conv -> Relu -> Conv -> Relu -> Flatten -> Gemm -> Relu -> Gemm on [1, 3, 6, 6].
func smallConvNet(seed: UInt64 = 1) -> Model {
  var net = NetworkBuilder(seed: seed)
  net.conv("c1", 3, 8)
  net.node("r1", "Relu", [net.value])
  net.conv("c2", 8, 12)
  net.node("r2", "Relu", [net.value])
  net.node("flat", "Flatten", [net.value])
  net.gemm("f1", 12 * 36, 20)
  net.node("r3", "Relu", [net.value])
  net.gemm("f2", 20, 5)
  return net.model(input: [1, 3, 6, 6])
}

/// Gemm -> Relu -> Gemm.
func smallMLP(_ inputs: Int = 30, _ hidden: Int = 24, _ outputs: Int = 10, seed: UInt64 = 2) -> Model {
  var net = NetworkBuilder(seed: seed)
  net.gemm("f1", inputs, hidden)
  net.node("r1", "Relu", [net.value])
  net.gemm("f2", hidden, outputs, transposed: false)
  return net.model(input: [1, inputs])
}
