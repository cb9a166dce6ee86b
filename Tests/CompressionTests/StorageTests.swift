import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

@Suite struct StorageTests {
  @Test(arguments: WeightBits.allCases)
  func codesSurvivePacking(bits: WeightBits) {
    var random = SeededGenerator(seed: 11)
    for count in 0..<40 {
      let codes = (0..<count).map { _ -> Int8 in
        if bits == .binary { return Bool.random(using: &random) ? 1 : -1 }
        return Int8(Int.random(in: bits.codeRange, using: &random))
      }
      let packed = CodePacking.packed(codes, bits: bits)
      #expect(packed.count == bits.packedByteCount(count))
      #expect(CodePacking.unpacked(packed[...], count: count, bits: bits) == codes)
    }
    #expect(CodePacking.unpacked([], count: 1, bits: bits) == nil)
  }

  @Test func theSizeIsTheLengthOfWhatIsStored() throws {
    for seed in UInt64(1)...3 {
      let compressor = Compressor(model: smallConvNet(seed: seed))
      for weights in WeightPrecision.allCases {
        for prune in [0, 0.4, 0.95] {
          for rank in [1, 0.3] {
            var settings = LayerSettings().with(\.prune, prune).with(\.weightBits, weights)
            settings.rank = rank
            settings.symmetry = seed == 2 ? .asymmetric : .symmetric
            let compressed = try compressor.compress(Recipe(model: settings))
            #expect(compressed.size.bytes == compressed.storedBytes.count)
            #expect(compressed.size.originalBytes == compressor.model.graph.storedBytes.count)
            // Every constant of this network belongs to a layer.
            #expect(compressed.size.bytes == compressed.layers.reduce(0) { $0 + $1.size.bytes })
            #expect(
              compressed.size.originalBytes == compressed.layers.reduce(0) { $0 + $1.size.originalBytes })
          }
        }
      }
    }
  }

  @Test func sizesAreWhatTheyShouldBe() throws {
    let compressor = Compressor(model: smallMLP(30, 24, 10))
    let int4 = try compressor.compress(Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int4))))
    #expect(int4.layers[0].size.bytes == 360 + 24 * 4 + 24 * 4)
    #expect(int4.layers[0].size.form == "dense")
    #expect(int4.layers[0].size.originalBytes == 720 * 4 + 24 * 4)
    let sparse = try compressor.compress(
      Recipe(model: LayerSettings().with(\.prune, 0.9).with(\.allocation, .uniform)))
    #expect(sparse.layers[0].size.bytes == 90 + 72 * 4 + 24 * 4)
    #expect(sparse.layers[0].size.form == "bitmask")
    #expect(sparse.layers[0].size.nonzeros == 72)
    #expect(sparse.layers[0].size.parameters == 720)
    #expect(sparse.size.parameters == 720 + 24 + 240 + 10)
    #expect(sparse.size.nonzeros == 72 + 24 + 24 + 10)
  }

  @Test func aMaskTellsWhichElementsFollow() throws {
    let weight = Weight.dense(try Tensor(shape: [9], [0, 0, 1, 0, 0, 0, -0.0, 0, 2] as [Float]))
    var bytes: [UInt8] = []
    WeightStorage.append(weight, to: &bytes)
    #expect(bytes == [0b0000_0100, 0b1, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40])
    #expect(WeightStorage.measure(weight).bytes == 10)
    #expect(WeightStorage.measure(weight).form == .bitmask)
  }

  @Test func everyTypeOfConstantIsMeasured() throws {
    let tensors: [Tensor] = [
      try Tensor(shape: [3], [0, 1, 2] as [Int64]), try Tensor(shape: [3], [0, 1, 2] as [Int32]),
      try Tensor(shape: [3], [0, 0, 0] as [UInt8]), try Tensor(shape: [3], [0, 1, -0.0] as [Double]),
      try Tensor(shape: [3], [1, 1, 1] as [Float16]), try Tensor(shape: [0], [] as [Float]),
    ]
    for tensor in tensors {
      var bytes: [UInt8] = []
      WeightStorage.append(.dense(tensor), to: &bytes)
      #expect(bytes.count == WeightStorage.measure(.dense(tensor)).bytes)
      #expect(WeightStorage.measure(.dense(tensor)).nonzeros == tensor.floats.count { $0 != 0 })
    }
  }
}
