import GraphIR
import struct Kernels.KernelTable
import Operators
import TensorCore

/// Node by node, by portable kernels.
var referenceRunner: ReferenceRunner { ReferenceRunner(table: KernelTable.for(.portable)) }

extension Model {
  /// Outputs for a seeded input, node by node.
  func run(_ input: [Int], seed: UInt64 = 77) throws -> [String: Tensor] {
    var random = SeededGenerator(seed: seed)
    let shape = Shape(known: input)
    let tensor = try Tensor(shape: shape, (0..<shape.count).map { _ in random.normal() })
    return try referenceRunner.run(graph, inputs: [graph.inputs[0].name: tensor])
  }

  /// The model with weights and bias of some of a layer's outputs zero.
  func zeroing(_ channels: [Int], of layer: String) -> Model {
    guard let node = graph.nodes.first(where: { $0.name == layer }),
      let weight = graph.initializers[node.inputs[1]]
    else { return self }
    let axis = node.kind == "MatMul" || (node.kind == "Gemm" && node.int("transB") != 1) ? 1 : 0
    var model = self
    model.graph.initializers[node.inputs[1]] = weight.zeroing(channels, axis: axis)
    return model.zeroingConstant("\(layer).bias", channels)
  }

  func zeroingConstant(_ name: String, _ channels: [Int]) -> Model {
    var model = self
    model.graph.initializers[name] = graph.initializers[name]?.zeroing(channels, axis: 0)
    return model
  }
}

extension Weight {
  fileprivate func zeroing(_ indices: [Int], axis: Int) -> Weight {
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let isZeroed = { (index: Int) in indices.contains(index / inner % shape[axis]) }
    switch self {
    case .dense(let tensor):
      let values = tensor.floats.enumerated().map { isZeroed($0.offset) ? 0 : $0.element }
      return .dense(try! Tensor(shape: shape, values))
    case .quantized(let tensor):
      let codes = tensor.codes.enumerated().map { isZeroed($0.offset) ? 0 : $0.element }
      return .quantized(
        try! QuantizedTensor(
          shape: shape, bits: tensor.bits, axis: tensor.axis, scales: tensor.scales,
          zeroPoints: tensor.zeroPoints, codes: codes))
    }
  }
}

extension NetworkBuilder {
  mutating func batchNormalization(_ name: String, _ channels: Int) {
    let scale = constant("\(name).scale", normal([channels]))
    let bias = constant("\(name).bias", normal([channels]))
    let mean = constant("\(name).mean", normal([channels]))
    let spread = normal([channels]).floats.map { 0.5 + $0.magnitude }
    let variance = constant("\(name).variance", try! Tensor(shape: Shape(known: [channels]), spread))
    node(name, "BatchNormalization", [value, scale, bias, mean, variance])
  }
}

/// Within 1e-4 of the largest magnitude.
func closeEnough(_ left: Tensor, _ right: Tensor) -> Bool {
  guard left.shape == right.shape else { return false }
  let (a, b) = (left.floats, right.floats)
  let largest = a.map(\.magnitude).max() ?? 0
  return zip(a, b).allSatisfy { ($0 - $1).magnitude <= 1e-4 * max(largest, 1) }
}

/// The relative error of a changed model's outputs over a few inputs.
func relativeError(_ model: Model, _ changed: Model, _ input: [Int]) throws -> Float {
  var (distance, size) = (Float(0), Float(0))
  for seed in UInt64(70)..<78 {
    let exact = try model.run(input, seed: seed).values.first!
    let coarse = try changed.run(input, seed: seed).values.first!
    guard coarse.shape == exact.shape else { return .infinity }
    size += exact.floats.reduce(0) { $0 + $1 * $1 }
    distance += zip(exact.floats, coarse.floats).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
  return (distance / size).squareRoot()
}
