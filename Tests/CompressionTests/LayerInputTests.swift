import Compression
import GraphIR
import TensorCore
import Testing

/// Rows of a layer's inputs are right if the weight times them is what the layer computes.
@Suite struct LayerInputTests {
  private func statistics(
    _ model: Model, _ layer: String, _ tensor: Tensor, needs: LayerInputNeeds = [.gram, .samples]
  ) throws -> LayerInputStatistics {
    let found = try #require(LayerCatalog(model.graph)[layer])
    let node = try #require(model.graph.nodes.first { $0.name == layer })
    var accumulator = LayerInputAccumulator(LayerInputRows(found, node: node), needs: needs)
    tensor.floats.withUnsafeBufferPointer { accumulator.add($0, shape: tensor.shape) }
    #expect(accumulator.isFinite)
    return accumulator.statistics
  }

  @Test(arguments: 0..<30)
  func windowsTimesWeightsAreTheConvolution(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let group = [1, 1, 2, 3].randomElement(using: &random)!
    let perGroup = Int.random(in: 1...3, using: &random)
    let outputs = group * Int.random(in: 1...3, using: &random)
    let spatial = Int.random(in: 1...3, using: &random)
    let window = (0..<spatial).map { _ in Int.random(in: 1...3, using: &random) }
    let sizes = (0..<spatial).map { _ in Int.random(in: 5...7, using: &random) }
    var net = NetworkBuilder(seed: seed)
    let weight = net.constant("w", net.normal([outputs, perGroup] + window))
    var attributes: [String: Attribute] = [
      "group": .int(group), "strides": .ints(window.map { _ in Int.random(in: 1...2, using: &random) }),
    ]
    switch seed % 4 {
    case 0: attributes["auto_pad"] = .string("SAME_UPPER")
    case 1: attributes["auto_pad"] = .string("SAME_LOWER")
    default:
      attributes["pads"] = .ints((0..<2 * spatial).map { _ in Int.random(in: 0...2, using: &random) })
      attributes["dilations"] = .ints(window.map { _ in Int.random(in: 1...2, using: &random) })
    }
    net.node("c", "Conv", ["x", weight], attributes)
    let input = [2, group * perGroup] + sizes
    let model = net.model(input: input)
    let tensor = net.normal(input)
    let output = try #require(try referenceRunner.run(model.graph, inputs: ["x": tensor]).values.first)
    let positions = output.count / (2 * outputs)
    // Up to 128 positions of a sample are all taken, in order.
    guard positions <= LayerInputStatistics.positionsPerSample else { return }
    let found = try statistics(model, "c", tensor)
    #expect(found.rows == 2 * positions && found.sampleCount == found.rows)
    let values = output.floats
    let weights = model.floats("w")
    for row in 0..<found.rows {
      for channel in 0..<outputs {
        let part = channel / (outputs / group)
        var sum: Float = 0
        for k in 0..<found.inputs {
          sum +=
            weights[channel * found.inputs + k] * found.samples[(row * group + part) * found.inputs + k]
        }
        let expected = values[(row / positions * outputs + channel) * positions + row % positions]
        #expect((sum - expected).magnitude < 1e-4)
      }
    }
  }

  @Test(arguments: 0..<6)
  func momentsAreThoseOfTheRows(seed: UInt64) throws {
    var net = NetworkBuilder(seed: seed)
    var random = SeededGenerator(seed: seed)
    let (inputs, outputs) = (Int.random(in: 1...9, using: &random), 4)
    net.matMul("m", inputs, outputs)
    let model = net.model(input: [3, 5, inputs])
    let tensor = net.normal([3, 5, inputs])
    let found = try statistics(model, "m", tensor)
    let rows = tensor.floats
    #expect(found.rows == 15 && found.samples == rows)
    for i in 0..<inputs {
      let column = (0..<15).map { Double(rows[$0 * inputs + i]) }
      #expect(abs(found.sums[i] - column.reduce(0, +)) < 1e-9)
      #expect(abs(found.squaredNorms[i] - column.reduce(0) { $0 + $1 * $1 }) < 1e-9)
      #expect(Double(found.largest[i]) == column.map(abs).max())
      for j in 0..<inputs {
        let product = (0..<15).reduce(0.0) {
          $0 + Double(rows[$1 * inputs + i]) * Double(rows[$1 * inputs + j])
        }
        #expect(abs(Double(found.gram[i * inputs + j]) - product) < 1e-4)
      }
    }
  }

  @Test func manyRowsAreSampledAndManyPositionsThinned() throws {
    var net = NetworkBuilder(seed: 9)
    net.conv("c", 1, 2, 1, pad: 0)
    let model = net.model(input: [20, 1, 40, 40])
    let tensor = net.normal([20, 1, 40, 40])
    let found = try statistics(model, "c", tensor)
    // 1600 positions by steps of 13 are 123 or 124 a sample.
    #expect((20 * 123...20 * 124).contains(found.rows))
    #expect(found.sampleCount == LayerInputStatistics.sampleLimit)
    #expect(Set(found.samples).count > 2000)
    let sparing = try statistics(model, "c", tensor, needs: [])
    #expect(sparing.gram.isEmpty && sparing.samples.isEmpty && sparing.rows == found.rows)
  }

  @Test func aGemmMayReadItsInputTransposed() throws {
    var net = NetworkBuilder(seed: 4)
    let weight = net.constant("w", net.normal([3, 2]))
    net.node("g", "Gemm", ["x", weight], ["transA": .int(1)])
    let tensor = try Tensor(shape: [3, 2], [1, 2, 3, 4, 5, 6] as [Float])
    let found = try statistics(net.model(input: [3, 2]), "g", tensor)
    #expect(found.samples == [1, 3, 5, 2, 4, 6])
  }
}
