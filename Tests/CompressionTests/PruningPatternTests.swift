import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// Patterns, allocations and criteria of unstructured pruning, over random shapes.
@Suite struct PruningPatternTests {
  /// Gemm both ways round, MatMul and Conv, with sizes that no group or block divides.
  private func network(_ seed: UInt64) -> (Model, [Int]) {
    var random = SeededGenerator(seed: seed)
    func size(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    var net = NetworkBuilder(seed: seed)
    let (channels, filters, hidden, outputs) = (size(1...5), size(3...11), size(5...37), size(2...19))
    net.conv("c", channels, filters)
    net.node("r", "Relu", [net.value])
    net.node("flat", "Flatten", [net.value])
    net.gemm("f1", filters * 25, hidden)
    net.node("r1", "Relu", [net.value])
    net.gemm("f2", hidden, outputs, transposed: false)
    net.matMul("m", outputs, 7)
    return (net.model(input: [1, channels, 5, 5]), [1, channels, 5, 5])
  }

  /// A layer's weight as rows of inputs, one per output.
  private func rows(_ model: Model, _ layer: Layer) -> [[Float]] {
    let values = model.floats(layer.weightName)
    return (0..<layer.outputs).map { output in
      (0..<layer.inputs).map { input in
        layer.outputAxis == 0 ? values[output * layer.inputs + input] : values[input * layer.outputs + output]
      }
    }
  }

  @Test(arguments: PruningPattern.allCases.filter { $0.nofm != nil }, PruningCriterion.allCases)
  func noGroupHoldsMoreThanItMay(pattern: PruningPattern, method: PruningCriterion) throws {
    guard let (kept, of) = pattern.nofm else { return }
    for seed in UInt64(1)...3 {
      let (model, input) = network(seed)
      let compressor = Compressor(model: model, activations: TestCalibration(input, batches: 24))
      let compressed = try compressor.compress(
        Recipe(model: LayerSettings().with(\.prune, 0.5).with(\.criterion, method).with(\.pattern, pattern)))
      for layer in compressor.catalog.layers {
        for row in rows(compressed.model, layer) {
          for start in stride(from: 0, to: row.count, by: of) {
            let group = row[start..<min(start + of, row.count)]
            #expect(group.count { $0 != 0 } == min(kept, group.count), "\(layer.name)")
          }
        }
      }
    }
  }

  @Test(
    arguments: PruningAllocation.allCases,
    [PruningCriterion.magnitude, .wanda, .relativeImportance, .brainSurgeon, .sparseGPT, .random])
  func theShareIsExact(allocation: PruningAllocation, method: PruningCriterion) throws {
    for (seed, ratio) in [(UInt64(1), 0.1), (2, 0.5), (3, 0.83), (4, 0.97)] {
      let (model, input) = network(seed)
      let compressor = Compressor(model: model, activations: TestCalibration(input, batches: 24))
      let compressed = try compressor.compress(
        Recipe(
          model: LayerSettings().with(\.prune, ratio).with(\.criterion, method).with(\.allocation, allocation)
        ))
      var (zeros, total) = (0, 0)
      for layer in compressor.catalog.layers {
        let values = compressed.model.floats(layer.weightName)
        let own = values.count { $0 == 0 }
        zeros += own
        total += values.count
        if allocation == .uniform {
          #expect(own == Int((ratio * Double(values.count)).rounded()), "\(layer.name)")
        }
      }
      if allocation != .uniform { #expect(zeros == Int((ratio * Double(total)).rounded()), "seed \(seed)") }
    }
  }

  @Test func aRowLosesWhatItsProductsSay() throws {
    // The mask of Wanda, found the plain way.
    for seed in UInt64(1)...5 {
      let (inputs, outputs) = (11 + Int(seed), 6)
      var net = NetworkBuilder(seed: seed)
      net.gemm("a", inputs, outputs)
      let model = net.model(input: [4, inputs])
      let calibration = TestCalibration([4, inputs], batches: 5)
      let compressed = try Compressor(model: model, activations: calibration).compress(
        Recipe(
          model: LayerSettings().with(\.prune, 0.5).with(\.criterion, .wanda).with(\.allocation, .uniform)))
      var norms = [Double](repeating: 0, count: inputs)
      for tensor in try calibration.values(of: model)["x"] ?? [] {
        for (index, value) in tensor.floats.enumerated() { norms[index % inputs] += Double(value * value) }
      }
      let (before, after) = (model.floats("a.weight"), compressed.model.floats("a.weight"))
      let count = Int((0.5 * Double(before.count)).rounded())
      for row in 0..<outputs {
        let share = count * (row + 1) / outputs - count * row / outputs
        let scores = (0..<inputs).map { Double(before[row * inputs + $0].magnitude) * norms[$0].squareRoot() }
        let expected = Set(scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }.prefix(share))
        #expect(Set((0..<inputs).filter { after[row * inputs + $0] == 0 }) == expected)
      }
    }
  }

  @Test(
    arguments: [PruningPattern.block1x8, .block4x4],
    [PruningCriterion.magnitude, .random, .sparseGPT, .brainSurgeon])
  func blocksGoWhole(pattern: PruningPattern, method: PruningCriterion) throws {
    let (model, input) = network(7)
    let compressor = Compressor(model: model, activations: TestCalibration(input, batches: 24))
    let compressed = try compressor.compress(
      Recipe(
        model: LayerSettings().with(\.prune, 0.6).with(\.criterion, method).with(\.pattern, pattern).with(
          \.allocation, .uniform)))
    let (height, width) = pattern.block
    for layer in compressor.catalog.layers {
      let matrix = rows(compressed.model, layer)
      var zeros = 0
      for top in stride(from: 0, to: layer.outputs, by: height) {
        for left in stride(from: 0, to: layer.inputs, by: width) {
          let tile = (top..<min(top + height, layer.outputs)).flatMap { row in
            matrix[row][left..<min(left + width, layer.inputs)]
          }
          let gone = tile.count { $0 == 0 }
          #expect(gone == 0 || gone == tile.count, "\(layer.name)")
          zeros += gone
        }
      }
      // Blocks at the edges are smaller, so that the share is met to within a few blocks.
      #expect(
        abs(zeros - Int(0.6 * Double(layer.parameters))) <= 2 * height * max(width, 4) + layer.inputs * 8)
    }
  }

  @Test func erkLeavesSmallLayersDense() throws {
    var net = NetworkBuilder(seed: 3)
    net.gemm("big", 200, 100)
    net.node("r", "Relu", [net.value])
    net.gemm("small", 100, 4)
    let compressed = try Compressor(model: net.model(input: [1, 200])).compress(
      Recipe(model: LayerSettings().with(\.prune, 0.9).with(\.allocation, .erk)))
    // (200 + 100) / 20000 and (100 + 4) / 400 per weight: the second's density would be above 1 at this scale.
    let kept = 20_400 - Int((0.9 * 20_400.0).rounded())
    #expect(compressed.model.floats("small.weight").count { $0 != 0 } == 400)
    #expect(compressed.model.floats("big.weight").count { $0 != 0 } == kept - 400)
    #expect(compressed.layers[1].remarks == ["the allocation takes no weights from it"])
  }

  @Test func withoutCalibrationDataMagnitudeStandsIn() throws {
    let model = smallMLP()
    let plain = try Compressor(model: model).compress(
      Recipe(model: LayerSettings().with(\.prune, 0.5).with(\.allocation, .uniform)))
    for method in [PruningCriterion.wanda, .relativeImportance, .brainSurgeon, .sparseGPT] {
      let compressed = try Compressor(model: model).compress(
        Recipe(
          model: LayerSettings().with(\.prune, 0.5).with(\.criterion, method).with(\.allocation, .uniform)))
      #expect(compressed.model.floats("f1.weight") == plain.model.floats("f1.weight"))
      #expect(
        compressed.layers[0].remarks == ["\(method.label) needs calibration data: judged by magnitude"])
    }
  }

  @Test func aFixedPatternSaysWhatItRemoves() throws {
    let compressed = try Compressor(model: smallMLP()).compress(
      Recipe(model: LayerSettings().with(\.prune, 0.3).with(\.pattern, .one4)))
    #expect(compressed.layers[0].remarks == ["1:4 removes 75 % whatever the ratio"])
  }
}
