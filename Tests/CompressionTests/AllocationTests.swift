import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// How much each layer gives, by allocations that look at data.
@Suite struct AllocationTests {
  /// A layer whose inputs are alike, and one that reads 3 of 60 entries much larger than the others.
  private func model() throws -> Model {
    var net = NetworkBuilder(seed: 8)
    net.gemm("even", 60, 60)
    net.node("s", "Tanh", [net.value])
    let scales = (0..<60).map { $0 % 20 == 0 ? Float(40) : 1 }
    _ = net.constant("scales", try Tensor(shape: [60], scales))
    net.node("m", "Mul", [net.value, "scales"])
    net.gemm("odd", 60, 60, transposed: false)
    return net.model(input: [8, 60])
  }

  private func settings(_ prune: Double, _ allocation: PruningAllocation) -> LayerSettings {
    LayerSettings().with(\.prune, prune).with(\.criterion, .wanda).with(\.allocation, allocation)
  }

  private func shares(_ compressed: CompressedModel) -> [Double] {
    ["even.weight", "odd.weight"].map { name in
      let values = compressed.model.floats(name)
      return Double(values.count { $0 == 0 }) / Double(values.count)
    }
  }

  /// Both hold as many weights: the densities lie 16 points apart, as far as there is room.
  @Test func layersWithOutliersKeepMore() throws {
    let model = try model()
    let compressor = Compressor(model: model, activations: TestCalibration([8, 60], batches: 8))
    for (ratio, even, odd) in [(0.5, 0.58, 0.42), (0.95, 1.0, 0.9), (0.04, 0.08, 0.0)] {
      let found = shares(try compressor.compress(Recipe(model: settings(ratio, .outlierWeighed))))
      #expect(abs(found[0] - even) < 0.001 && abs(found[1] - odd) < 0.001, "\(found)")
    }
  }

  /// The weights of both layers are alike: only what they read tells them apart, and a compressor that has seen no data
  /// says so.
  @Test func withoutDataItLooksAtWeightsAndSaysSo() throws {
    let compressed = try Compressor(model: try model()).compress(
      Recipe(model: settings(0.5, .outlierWeighed).with(\.criterion, .magnitude)))
    let remark = ["owl needs calibration data: it looks at weights alone"]
    #expect(compressed.layers.map(\.remarks) == [remark, remark])
    #expect(abs(shares(compressed).reduce(0, +) - 1) < 1e-9)
  }

  /// Channels by their scores, as many in all as were asked for.
  @Test func channelsAreSharedOutByTheirScores() throws {
    let model = smallConvNet(seed: 3)
    let compressed = try Compressor(model: model).compress(
      Recipe(
        model: LayerSettings().with(\.prune, 0.5).with(\.pattern, .channels).with(
          \.allocation, .outlierWeighed)))
    let sizes = ["c1.bias", "c2.bias", "f1.bias"]
    let before = sizes.reduce(0) { $0 + model.floats($1).count }
    let after = sizes.reduce(0) { $0 + compressed.model.floats($1).count }
    #expect(after == before - Int((0.5 * Double(before)).rounded()))
  }
}
