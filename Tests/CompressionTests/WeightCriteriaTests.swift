import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// Which single weights go, by criteria that are told in a formula.
@Suite struct WeightCriteriaTests {
  private func settings(_ prune: Double, _ criterion: PruningCriterion) -> LayerSettings {
    LayerSettings().with(\.prune, prune).with(\.criterion, criterion).with(\.allocation, .uniform)
  }

  /// The score of Zhang et al. 2024, found the plain way, for layers stored either way round and in groups.
  @Test(arguments: UInt64(1)...4)
  func relativeImportanceFollowsItsFormula(seed: UInt64) throws {
    let (inputs, outputs) = (9 + Int(seed), 6)
    var net = NetworkBuilder(seed: seed)
    net.gemm("a", inputs, outputs, transposed: seed % 2 == 0)
    let model = net.model(input: [4, inputs])
    let calibration = TestCalibration([4, inputs], batches: 5, scale: 2, shift: 1)
    let compressed = try Compressor(model: model, activations: calibration).compress(
      Recipe(model: settings(0.4, .relativeImportance)))
    var squares = [Double](repeating: 0, count: inputs)
    for tensor in try calibration.values(of: model)["x"] ?? [] {
      for (index, value) in tensor.floats.enumerated() { squares[index % inputs] += Double(value * value) }
    }
    let (before, after) = (model.floats("a.weight"), compressed.model.floats("a.weight"))
    func place(_ row: Int, _ column: Int) -> Int {
      seed % 2 == 0 ? row * inputs + column : column * outputs + row
    }
    func magnitude(_ row: Int, _ column: Int) -> Double { Double(before[place(row, column)].magnitude) }
    var scores: [(score: Double, place: Int)] = []
    for row in 0..<outputs {
      for column in 0..<inputs {
        let entering = (0..<outputs).reduce(0.0) { $0 + magnitude($1, column) }
        let leaving = (0..<inputs).reduce(0.0) { $0 + magnitude(row, $1) }
        let share = magnitude(row, column) / entering + magnitude(row, column) / leaving
        scores.append((share * squares[column].squareRoot().squareRoot(), place(row, column)))
      }
    }
    let count = Int((0.4 * Double(before.count)).rounded())
    let expected = Set(scores.sorted { $0.score < $1.score }.prefix(count).map(\.place))
    #expect(Set(after.indices.filter { after[$0] == 0 }) == expected)
  }

  /// Two groups of different inputs: each weighs against the inputs of its own.
  @Test func groupsReadInputsOfTheirOwn() throws {
    var net = NetworkBuilder(seed: 4)
    // The weights of the second group are all the same; what it reads is zero but for one entry.
    _ = net.constant("w", try Tensor(shape: [4, 2, 1, 1], [3, 3, 3, 3, 2, 2, 2, 2] as [Float]))
    _ = net.constant("mask", try Tensor(shape: [1, 4, 1, 1], [1, 1, 1, 0] as [Float]))
    net.node("m", "Mul", ["x", "mask"])
    net.node("c", "Conv", [net.value, "w"], ["group": .int(2), "kernel_shape": .ints([1, 1])])
    let model = net.model(input: [1, 4, 3, 3])
    let compressed = try Compressor(model: model, activations: TestCalibration([8, 4, 3, 3])).compress(
      Recipe(model: settings(0.25, .relativeImportance)))
    #expect(compressed.model.floats("w") == [3, 3, 3, 3, 2, 0, 2, 0])
  }

  /// Where a whole output is small, magnitude takes all of it.
  @Test func noNeuronLosesEverything() throws {
    var net = NetworkBuilder(seed: 2)
    var values = net.normal([40, 8]).floats
    for index in 0..<8 { values[index] *= 0.01 }
    _ = net.constant("w", try Tensor(shape: [40, 8], values))
    net.node("a", "Gemm", ["x", "w"], ["transB": .int(1)])
    let model = net.model(input: [4, 8])
    let compressor = Compressor(model: model, activations: TestCalibration([4, 8], batches: 4))
    func kept(_ criterion: PruningCriterion) throws -> Int {
      try compressor.compress(Recipe(model: settings(0.5, criterion))).model.floats("w")[..<8].count {
        $0 != 0
      }
    }
    #expect(try kept(.magnitude) == 0)
    #expect(try kept(.relativeImportance) > 1)
  }
}
