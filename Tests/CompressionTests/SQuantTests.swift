import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// Rounding by the sums of errors, which looks at weights alone.
@Suite struct SQuantTests {
  private func settings(_ bits: WeightBits, _ rounding: RoundingMethod) -> LayerSettings {
    LayerSettings().with(\.weightBits, .quantized(bits)).with(\.rounding, rounding)
  }

  private func tensor(_ model: Model, _ name: String, _ settings: LayerSettings) throws -> QuantizedTensor {
    let compressed = try Compressor(model: model).compress(Recipe(model: settings))
    #expect(compressed.layers.allSatisfy { $0.remarks.isEmpty })
    guard case .quantized(let found)? = compressed.model.graph.initializers[name] else {
      throw RecipeError.unknownLayer(name: name, close: [])
    }
    return found
  }

  /// Per weight, what its code stands for less the weight, in steps.
  private func errors(_ tensor: QuantizedTensor, _ weights: [Float]) -> [(scale: Int, error: Double)] {
    var result = weights.map { _ in (scale: 0, error: 0.0) }
    let restored = tensor.dequantized().floats
    tensor.forEachCode { index, scale, _ in
      result[index] = (scale, Double(restored[index] - weights[index]) / Double(tensor.scales[scale]))
    }
    return result
  }

  /// Sums of each output stay within half a step, those of each kernel within one, and no code is other than one of the
  /// two around its weight.
  @Test(arguments: [WeightBits.int8, .int4, .int3], CodeSymmetry.allCases)
  func sumsOfErrorsAreSmall(bits: WeightBits, symmetry: CodeSymmetry) throws {
    for (index, granularity) in [ScaleGranularity.perChannel, .group32].enumerated() {
      var net = NetworkBuilder(seed: UInt64(index + 3))
      net.conv("c", 9, 6)
      let model = net.model(input: [1, 9, 5, 5])
      let weights = model.floats("c.weight")
      func found(_ method: RoundingMethod) throws -> [(scale: Int, error: Double)] {
        errors(
          try tensor(
            model, "c.weight",
            settings(bits, method).with(\.symmetry, symmetry).with(\.granularity, granularity)), weights)
      }
      let (balanced, nearest) = (try found(.squant), try found(.nearest))
      #expect(balanced.allSatisfy { abs($0.error) < 1.0001 })
      func largest(_ errors: [(scale: Int, error: Double)]) -> Double {
        Dictionary(grouping: errors, by: \.scale).values.map { abs($0.reduce(0) { $0 + $1.error }) }.max()
          ?? 0
      }
      #expect(largest(balanced) < 0.501 && largest(nearest) > 0.6, "\(granularity)")
      guard granularity == .perChannel else { continue }
      for kernel in stride(from: 0, to: weights.count, by: 9) {
        #expect(abs(balanced[kernel..<kernel + 9].reduce(0) { $0 + $1.error }) < 1.001)
      }
    }
  }

  /// What a layer reads behind a Relu has a mean: its outputs err less.
  @Test func outputsErrLessWhereInputsHaveAMean() throws {
    for transposed in [true, false] {
      var (before, after) = (0.0, 0.0)
      for seed in UInt64(1)...3 {
        var net = NetworkBuilder(seed: seed)
        net.gemm("f", 80, 20, transposed: transposed)
        let model = net.model(input: [64, 80])
        let calibration = TestCalibration([64, 80], shift: 2)
        func error(_ method: RoundingMethod) throws -> Double {
          let compressed = try Compressor(model: model).compress(Recipe(model: settings(.int4, method)))
          let pair = (
            try calibration.values(of: model)["f:0"]!, try calibration.values(of: compressed.model)["f:0"]!
          )
          return zip(pair.0, pair.1).reduce(0.0) { sum, tensors in
            zip(tensors.0.floats, tensors.1.floats).reduce(sum) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
          }
        }
        before += try error(.nearest)
        after += try error(.squant)
      }
      #expect(after < 0.5 * before, "\(before) \(after)")
    }
  }

  @Test(arguments: CodeSymmetry.allCases)
  func prunedWeightsStayZero(symmetry: CodeSymmetry) throws {
    let model = smallConvNet(seed: 6)
    let compressor = Compressor(model: model)
    let plain = LayerSettings().with(\.prune, 0.6)
    let pruned = try compressor.compress(Recipe(model: plain))
    let both = try compressor.compress(
      Recipe(
        model: plain.with(\.weightBits, .quantized(.int3)).with(\.rounding, .squant).with(
          \.symmetry, symmetry)))
    for name in ["c1.weight", "c2.weight", "f1.weight", "f2.weight"] {
      #expect(zip(pruned.model.floats(name), both.model.floats(name)).allSatisfy { $0 != 0 || $1 == 0 })
    }
  }

  @Test func otherCodesAreRoundedToTheNearestAndSaySo() throws {
    let compressor = Compressor(model: smallMLP())
    let plain = try compressor.compress(Recipe(model: settings(.ternary, .nearest)))
    let asked = try compressor.compress(Recipe(model: settings(.ternary, .squant)))
    #expect(asked.model.floats("f1.weight") == plain.model.floats("f1.weight"))
    #expect(asked.layers[0].remarks == ["squant takes integers of 2 bits and more: rounded to the nearest"])
  }
}
