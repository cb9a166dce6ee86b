import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

@Suite struct WeightQuantizationTests {
  private static let integers: [WeightBits] = [.int8, .int6, .int5, .int4, .int3, .int2]

  private func quantized(_ model: Model, _ name: String) throws -> QuantizedTensor {
    guard case .quantized(let tensor) = model.graph.initializers[name] else {
      throw RecipeError.unknownLayer(name: name, close: [])
    }
    return tensor
  }

  private func recipe(
    _ bits: WeightBits, _ granularity: ScaleGranularity = .perChannel,
    _ symmetry: CodeSymmetry = .symmetric,
    _ calibration: RangeMethod = .minMax, prune: Double = 0
  ) -> Recipe {
    Recipe(
      model: LayerSettings().with(\.prune, prune).with(\.weightBits, .quantized(bits)).with(
        \.granularity, granularity
      ).with(\.symmetry, symmetry).with(\.range, calibration))
  }

  @Test(arguments: integers, ScaleGranularity.allCases)
  func theErrorIsAtMostHalfAStep(bits: WeightBits, granularity: ScaleGranularity) throws {
    for symmetry in CodeSymmetry.allCases {
      for seed in UInt64(1)...4 {
        let model = smallMLP(3 + Int(seed) * 11, 2 + Int(seed) * 7, 5, seed: seed)
        let compressed = try Compressor(model: model).compress(recipe(bits, granularity, symmetry))
        for (name, axis) in [("f1.weight", 0), ("f2.weight", 1)] {
          let tensor = try quantized(compressed.model, name)
          #expect(tensor.axis == (granularity == .perTensor ? nil : axis))
          let size = granularity.groupSize ?? .max
          #expect(tensor.groupSize == (tensor.channelLength > size ? size : nil))
          #expect(tensor.zeroPoints.isEmpty == (symmetry == .symmetric))
          let original = model.floats(name)
          let restored = tensor.dequantized().floats
          tensor.forEachCode { index, channel, code in
            #expect(bits.codeRange.contains(Int(code)))
            let error = (restored[index] - original[index]).magnitude
            #expect(error <= tensor.scales[channel] * 0.5001)
          }
        }
      }
    }
  }

  @Test func symmetricCodesUseTheWholeRangeAndRoundToEven() throws {
    var net = NetworkBuilder(seed: 1)
    let weight = net.constant("w", try Tensor(shape: [2, 4], [7, 0.5, 1.5, -2.5, -14, 1, 3, 0] as [Float]))
    net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
    let compressed = try Compressor(model: net.model(input: [1, 4])).compress(recipe(.int4))
    let tensor = try quantized(compressed.model, "w")
    #expect(tensor.scales == [1, 2])
    #expect(tensor.codes == [7, 0, 2, -2, -7, 0, 2, 0])
  }

  @Test(arguments: integers + [.ternary], CodeSymmetry.allCases)
  func prunedWeightsStayExactlyZero(bits: WeightBits, symmetry: CodeSymmetry) throws {
    let model = smallConvNet(seed: 8)
    for granularity in ScaleGranularity.allCases {
      let pruned = try Compressor(model: model).compress(Recipe(model: LayerSettings().with(\.prune, 0.6)))
      let both = try Compressor(model: model).compress(recipe(bits, granularity, symmetry, prune: 0.6))
      for name in ["c1.weight", "c2.weight", "f1.weight", "f2.weight"] {
        let values = both.model.floats(name)
        #expect(zip(pruned.model.floats(name), values).allSatisfy { $0 != 0 || $1 == 0 })
        let nonzeros = try quantized(both.model, name).nonzeroCount
        #expect(nonzeros == values.count { $0 != 0 })
      }
    }
  }

  @Test func ternaryKeepsWhatIsAboveTheThreshold() throws {
    var net = NetworkBuilder(seed: 1)
    let weight = net.constant("w", try Tensor(shape: [1, 4], [4, -2, 0.5, -0.1] as [Float]))
    net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
    let compressed = try Compressor(model: net.model(input: [1, 4])).compress(recipe(.ternary))
    let tensor = try quantized(compressed.model, "w")
    // Mean magnitude 1.65, threshold 1.155.
    #expect(tensor.codes == [1, -1, 0, 0])
    #expect(tensor.scales == [3])
  }

  @Test func binaryIsTheSignTimesTheMean() throws {
    var net = NetworkBuilder(seed: 1)
    let weight = net.constant("w", try Tensor(shape: [1, 4], [4, -2, 0, -2] as [Float]))
    net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
    let compressed = try Compressor(model: net.model(input: [1, 4])).compress(recipe(.binary))
    let tensor = try quantized(compressed.model, "w")
    #expect(tensor.codes == [1, -1, 1, -1])
    #expect(tensor.scales == [2])
  }

  @Test func channelsOfZerosOrTinyValuesStayAboutZero() throws {
    for bits in WeightBits.allCases {
      for symmetry in CodeSymmetry.allCases {
        var net = NetworkBuilder(seed: 1)
        let tiny = Float.leastNonzeroMagnitude
        let weight = net.constant("w", try Tensor(shape: [3, 2], [0, 0, tiny, -tiny, 1, 2] as [Float]))
        net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
        let compressed = try Compressor(model: net.model(input: [1, 2])).compress(
          recipe(bits, .perChannel, symmetry))
        let tensor = try quantized(compressed.model, "w")
        // Codes of signs have no zero, so that their scale is the smallest there is.
        let least = Float.leastNormalMagnitude
        #expect(tensor.scales[0] == (bits == .binary ? least : 1))
        #expect(tensor.scales[1] == (bits == .binary ? least : 1))
        #expect(tensor.dequantized().floats[..<4].allSatisfy { $0.magnitude <= least })
      }
    }
  }

  @Test func hugeWeightsStayFinite() throws {
    for symmetry in CodeSymmetry.allCases {
      var net = NetworkBuilder(seed: 1)
      let most = Float.greatestFiniteMagnitude
      let weight = net.constant("w", try Tensor(shape: [1, 3], [most, -most, 1] as [Float]))
      net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
      let compressed = try Compressor(model: net.model(input: [1, 3])).compress(
        recipe(.int8, .perChannel, symmetry))
      #expect(compressed.model.floats("w").allSatisfy { $0.isFinite })
    }
  }

  @Test(arguments: CodeSymmetry.allCases)
  func percentileClipsTheLargestThousandth(symmetry: CodeSymmetry) throws {
    var net = NetworkBuilder(seed: 5)
    var values = (1...4000).map { (index: Int) -> Float in Float(index % 2 == 0 ? -index : index) / 4000 }
    values[17] = 50
    let weight = net.constant("w", try Tensor(shape: [4, 1000], values))
    net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
    let model = net.model(input: [1, 1000])
    let clipped = try quantized(
      Compressor(model: model).compress(recipe(.int8, .perTensor, symmetry, .percentile)).model, "w")
    let sorted = values.map(\.magnitude).sorted()
    let steps: Float = symmetry == .symmetric ? 127 : 127.5
    #expect((clipped.scales[0] * steps - sorted[3995]).magnitude < 1e-5)
    let outlier = clipped.dequantized().floats[17]
    #expect(outlier < 1.01 && outlier > 0.98)
  }

  @Test func sixteenBitsAreHalfFloats() throws {
    var net = NetworkBuilder(seed: 1)
    let weight = net.constant("w", try Tensor(shape: [1, 4], [1, 0.1, -1e6, 0.2] as [Float]))
    net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
    let compressed = try Compressor(model: net.model(input: [1, 4])).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .float16)))
    #expect(compressed.model.graph.initializers["w"]?.dataType == .float16)
    #expect(compressed.model.floats("w") == [1, Float(Float16(0.1)), -65504, Float(Float16(0.2))])
    #expect(compressed.layers[0].remarks == ["weights beyond 65504 are clipped at 16 bits"])
    #expect(compressed.layers[0].size.bytes == 8)
  }

  @Test func settingsWithoutEffectAreSaid() throws {
    let compressor = Compressor(model: smallMLP())
    let ternary = try compressor.compress(recipe(.ternary, .perChannel, .asymmetric, .percentile))
    #expect(
      ternary.layers[0].remarks == [
        "ternary weights are symmetric: asymmetric has no effect here",
        "ternary weights have no clipping range: percentile-99.9 has no effect here",
      ])
    let percentile = try compressor.compress(recipe(.int8, .perChannel, .symmetric, .percentile))
    #expect(
      percentile.layers[0].remarks
        == ["the 99.9th percentile of 30 weights is their maximum: nothing is clipped"])
  }
}
