import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// Weights as floats of few bits, in groups, and with clipped ranges.
@Suite struct NumberFormatTests {
  private func tensor(_ values: [Float], _ shape: [Int], _ settings: LayerSettings) throws -> QuantizedTensor
  {
    var net = NetworkBuilder(seed: 1)
    let weight = net.constant("w", try Tensor(shape: Shape(known: shape), values))
    net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
    let compressed = try Compressor(model: net.model(input: [1, shape[1]])).compress(Recipe(model: settings))
    guard case .quantized(let found)? = compressed.model.graph.initializers["w"] else {
      throw RecipeError.unknownLayer(name: "w", close: [])
    }
    return found
  }

  private static let cases: [(WeightBits, WeightNumberFormat, CodeFormat)] = [
    (.int8, .float, .float8E4M3), (.int8, .wideFloat, .float8E5M2), (.int6, .float, .float6E2M3),
    (.int6, .wideFloat, .float6E3M2), (.int4, .float, .float4E2M1), (.int4, .normalFloat, .normalFloat4),
    (.int8, .microscaling, .float8E4M3), (.int6, .microscaling, .float6E2M3),
    (.int4, .microscaling, .float4E2M1),
  ]

  @Test(arguments: cases)
  func everyWeightTakesTheNearestLevel(
    bits: WeightBits, numbers: WeightNumberFormat, format: CodeFormat
  ) throws {
    var random = SeededGenerator(seed: 3)
    for columns in [1, 31, 32, 33, 100] {
      let values = (0..<3 * columns).map { _ in random.normal() }
      for granularity in ScaleGranularity.allCases {
        let found = try tensor(
          values, [3, columns],
          LayerSettings().with(\.weightBits, .quantized(bits)).with(\.numberFormat, numbers).with(
            \.granularity, granularity))
        #expect(found.format == format && found.zeroPoints.isEmpty)
        let levels = format.levels.filter(\.isFinite)
        let restored = found.dequantized().floats
        found.forEachCode { index, scale, code in
          let nearest = levels.map { (found.scales[scale] * $0 - values[index]).magnitude }.min()!
          #expect((restored[index] - values[index]).magnitude <= nearest * 1.0001)
        }
        if numbers == .microscaling {
          #expect(found.groupSize == (columns > 32 ? 32 : nil) && found.scaleStorage == .powerOfTwo)
          #expect(found.scales.allSatisfy { $0.significand == 1 })
        } else {
          // The largest magnitude is the format's largest.
          let top = zip(restored, values).map { abs($0 - $1) }
          #expect(top.contains { $0 < 1e-6 })
        }
      }
    }
  }

  /// Worked by hand after section 6.3 of the specification: the largest is 5, whose exponent is 2, as is that of E2M1's 6.
  @Test func aMicroscalingBlockByHand() throws {
    let four = try tensor(
      [5, -0.2, 0.8, 1.2, 2.6, -3.4], [1, 6],
      LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.numberFormat, .microscaling))
    #expect(four.scales == [1])
    #expect(four.dequantized().floats == [4, 0, 1, 1, 3, -3])
    // MXINT8: 5 is 1.25 * 2^2; a step is 2^2 / 64.
    let eight = try tensor(
      [5, -0.2, 0.8, 7.99], [1, 4],
      LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.numberFormat, .microscalingInteger))
    #expect(eight.scales == [0.0625] && eight.format == .integer)
    #expect(eight.codes == [80, -3, 13, 127])
  }

  @Test func brainFloatsAreRoundedToEven() throws {
    var net = NetworkBuilder(seed: 1)
    let weight = net.constant("w", try Tensor(shape: [1, 3], [1.00390625, 1.01171875, -3e38] as [Float]))
    net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
    let compressed = try Compressor(model: net.model(input: [1, 3])).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .float16).with(\.numberFormat, .wideFloat)))
    #expect(compressed.model.graph.initializers["w"]?.dataType == .bfloat16)
    #expect(compressed.model.floats("w")[0..<2] == [1, 1.015625])
    #expect(compressed.layers[0].size.bytes == 6)
  }

  @Test func groupsHaveScalesOfTheirOwnAndCostFourBytes() throws {
    var values = [Float](repeating: 0.01, count: 2 * 70)
    values[3] = 7
    values[40] = 0.7
    let found = try tensor(
      values, [2, 70], LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.granularity, .group32))
    #expect(found.scales.count == 6)
    #expect(
      found.scales[0] == 1 && abs(found.scales[1] - 0.1) < 1e-7 && abs(found.scales[2] - 0.01 / 7) < 1e-8)
    #expect(found.dequantized().floats[69] == found.scales[2] * 7)
    var net = NetworkBuilder(seed: 1)
    // Without zeros the dense form is the smaller one.
    let ones = values.indices.map { Float($0 % 2 == 0 ? 1 : -1) }
    let weight = net.constant("w", try Tensor(shape: [2, 70], ones))
    net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
    let compressed = try Compressor(model: net.model(input: [1, 70])).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.granularity, .group32)))
    #expect(compressed.layers[0].size.bytes == 70 + 6 * 4)
    #expect(compressed.storedBytes.count == compressed.size.bytes)
    let shared = try Compressor(model: net.model(input: [1, 70])).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.numberFormat, .microscaling))
    )
    #expect(shared.layers[0].size.bytes == 70 + 6)
    #expect(shared.storedBytes.count == shared.size.bytes)
  }

  @Test(arguments: [WeightBits.int8, .int5, .int4, .int3, .int2], CodeSymmetry.allCases)
  func theLeastSquaredErrorIsNoMoreThanThatOfTheWholeRange(
    bits: WeightBits, symmetry: CodeSymmetry
  ) throws {
    var random = SeededGenerator(seed: 11)
    func error(_ values: [Float], _ range: RangeMethod) throws -> Double {
      let found = try tensor(
        values, [4, values.count / 4],
        LayerSettings().with(\.weightBits, .quantized(bits)).with(\.symmetry, symmetry).with(\.range, range))
      return zip(found.dequantized().floats, values).reduce(0.0) {
        $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
      }
    }
    for _ in 0..<4 {
      // Cubes of normal values have long tails.
      let values = (0..<4 * 300).map { _ in
        let value = random.normal()
        return value * value * value
      }
      let (whole, least) = (try error(values, .minMax), try error(values, .meanSquare))
      #expect(least <= whole)
      if bits.codeRange.count <= 16 { #expect(least < 0.95 * whole) }
      #expect(try error(values, .entropy).isFinite)
    }
  }

  @Test func entropyClipsALoneOutlier() throws {
    var random = SeededGenerator(seed: 5)
    var values = (0..<8000).map { _ in random.normal() }
    values[9] = 40
    let found = try tensor(
      values, [1, 8000], LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.range, .entropy))
    #expect(found.scales[0] * 127 < 20 && found.scales[0] * 127 > 2)
  }

  @Test func numbersThatAWidthDoesNotHaveAreSaid() throws {
    let compressed = try Compressor(model: smallMLP()).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int3)).with(\.numberFormat, .normalFloat)))
    #expect(
      compressed.layers[0].remarks == ["normal-float numbers do not come in 3 bits: integers instead"])
  }
}
