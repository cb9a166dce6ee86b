import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

@Suite struct UnstructuredPruningTests {
  private func zeros(_ values: [Float]) -> Int { values.count { $0 == 0 } }

  @Test(
    arguments: [0.0, 0.01, 0.25, 0.5, 0.731, 0.9, 0.99], [PruningAllocation.global, .uniform])
  func zeroesExactlyTheShareAskedFor(ratio: Double, method: PruningAllocation) throws {
    for seed in UInt64(1)...6 {
      let model = smallMLP(7 + Int(seed) * 13, 3 + Int(seed) * 5, 10, seed: seed)
      let compressed = try Compressor(model: model).compress(
        Recipe(model: LayerSettings().with(\.prune, ratio).with(\.allocation, method)))
      let before = ["f1.weight", "f2.weight"].map { model.floats($0) }
      let after = ["f1.weight", "f2.weight"].map { compressed.model.floats($0) }
      if method == .uniform {
        for (old, new) in zip(before, after) {
          #expect(zeros(new) == Int((ratio * Double(old.count)).rounded()))
        }
      } else {
        #expect(zeros(after.flatMap { $0 }) == Int((ratio * Double(before.flatMap { $0 }.count)).rounded()))
      }
      let groups =
        method == .uniform
        ? zip(before, after).map { ($0, $1) } : [(before.flatMap { $0 }, after.flatMap { $0 })]
      for (old, new) in groups {
        let pruned = zip(old, new).filter { $0.1 == 0 }.map { $0.0.magnitude }.max() ?? 0
        let kept = zip(old, new).filter { $0.1 != 0 }
        #expect(kept.allSatisfy { $0.0 == $0.1 })
        #expect(pruned <= kept.map { $0.0.magnitude }.min() ?? .infinity)
      }
    }
  }

  @Test func equalMagnitudesGoInOrder() throws {
    var net = NetworkBuilder(seed: 1)
    let weight = net.constant("w", try Tensor(shape: [2, 4], [1, -1, 1, 2, -1, 1, 3, -1] as [Float]))
    net.node("a", "MatMul", ["x", weight])
    let compressed = try Compressor(model: net.model(input: [1, 2])).compress(
      Recipe(model: LayerSettings().with(\.prune, 0.5)))
    #expect(compressed.model.floats("w") == [0, 0, 0, 2, 0, 1, 3, -1])
  }

  @Test func aGlobalThresholdMayLeaveALayerAlone() throws {
    var net = NetworkBuilder(seed: 1)
    net.matMul("a", 8, 8, bias: false)
    let big = net.constant("big", try Tensor(shape: [8, 2], [Float](repeating: 100, count: 16)))
    net.node("b", "MatMul", [net.value, big])
    let compressed = try Compressor(model: net.model(input: [1, 8])).compress(
      Recipe(model: LayerSettings().with(\.prune, 0.5)))
    #expect(
      compressed.layers[1].remarks == ["all its weights are above the global threshold: none is pruned here"])
    #expect(compressed.layers[0].remarks == [])
    #expect(zeros(compressed.model.floats("a.weight")) == 40)
  }

  @Test func layersOfAnotherRatioHaveAThresholdOfTheirOwn() throws {
    var recipe = Recipe(model: LayerSettings().with(\.prune, 0.25))
    recipe.layers["f2"] = LayerOverride()
    recipe.layers["f2"]?.prune = 0.75
    let compressed = try Compressor(model: smallMLP(8, 8, 8)).compress(recipe)
    #expect(zeros(compressed.model.floats("f1.weight")) == 16)
    #expect(zeros(compressed.model.floats("f2.weight")) == 48)
  }

  @Test func binaryWeightsAreNotPruned() throws {
    let recipe = Recipe(model: LayerSettings().with(\.prune, 0.5).with(\.weightBits, .quantized(.binary)))
    let compressed = try Compressor(model: smallMLP()).compress(recipe)
    for layer in compressed.layers {
      #expect(layer.remarks == ["1-bit weights have no zero: pruning has no effect here"])
      #expect(layer.size.nonzeros == layer.size.parameters)
    }
  }

  @Test func aRatioThatRoundsToNothingSaysSo() throws {
    var net = NetworkBuilder(seed: 1)
    net.matMul("a", 2, 2, bias: false)
    let compressed = try Compressor(model: net.model(input: [1, 2])).compress(
      Recipe(model: LayerSettings().with(\.prune, 0.01)))
    #expect(compressed.layers[0].remarks == ["4 weights are too few to prune any at this ratio"])
  }

  @Test func halfPrecisionAndQuantizedOriginalsKeepTheirForm() throws {
    var net = NetworkBuilder(seed: 9)
    let half = net.constant(
      "half", try Tensor(shape: [2, 3], [0.5, -2, 1, 0.25, 3, -4] as [Float16]))
    net.node("a", "MatMul", ["x", half])
    net.weights["codes"] = .quantized(
      try QuantizedTensor(
        shape: [3, 2], bits: .int4, axis: 1, scales: [0.5, 1], zeroPoints: [1, -2],
        codes: [1, 7, -3, -2, 2, 0]))
    net.node("b", "MatMul", [net.value, "codes"])
    let compressed = try Compressor(model: net.model(input: [1, 2])).compress(
      Recipe(model: LayerSettings().with(\.prune, 0.5).with(\.allocation, .uniform)))
    #expect(compressed.model.graph.initializers["half"]?.dataType == .float16)
    #expect(compressed.model.floats("half") == [0, -2, 0, 0, 3, -4])
    // Dequantized: 0 9 -2 0 0.5 2, of which the three smallest are 0, 0 and 0.5.
    #expect(compressed.model.floats("codes") == [0, 9, -2, 0, 0, 2])
    guard case .quantized(let tensor) = compressed.model.graph.initializers["codes"] else {
      Issue.record("the codes became \(String(describing: compressed.model.graph.initializers["codes"]))")
      return
    }
    #expect(tensor.codes == [1, 7, -3, -2, 1, 0])
  }
}
