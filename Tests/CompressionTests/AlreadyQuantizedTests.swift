import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// A model that comes with codes keeps them where another rounding could only lose.
@Suite struct AlreadyQuantizedTests {
  private func compressed(_ settings: LayerSettings, _ model: Model = smallMLP()) throws -> CompressedModel {
    try Compressor(model: model, activations: TestCalibration([16, 30])).compress(Recipe(model: settings))
  }

  /// An MLP with 8-bit weights, one scale and a zero point for each, and 8-bit activations.
  private func coded() throws -> Model {
    try compressed(
      LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.symmetry, .asymmetric)
        .with(\.granularity, .perTensor).with(\.activationBits, .int8)
    ).model
  }

  @Test func codesOfThatWidthOrLessStay() throws {
    let model = try coded()
    let kept = "its weights are 8-bit codes already: they stay as they are"
    for bits in [WeightPrecision.float16, .quantized(.int8)] {
      for method in RoundingMethod.allCases {
        let again = try compressed(LayerSettings().with(\.weightBits, bits).with(\.rounding, method), model)
        #expect(again.model.graph.text == model.graph.text)
        #expect(again.size.bytes == again.size.originalBytes)
        #expect(again.layers.allSatisfy { $0.remarks == [kept] })
      }
    }
    let fewer = try compressed(LayerSettings().with(\.weightBits, .quantized(.int4)), model)
    #expect(fewer.size.bytes < fewer.size.originalBytes)
    #expect(fewer.layers.allSatisfy { $0.remarks == [] })
  }

  @Test func activationsStayAsTheyAre() throws {
    let model = try coded()
    for bits in [ActivationPrecision.int8, .int4] {
      let settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, bits)
      let again = try compressed(settings, model)
      #expect(again.model.graph.text == model.graph.text)
      #expect(
        again.layers.allSatisfy {
          $0.remarks == [
            "its weights are 8-bit codes already: they stay as they are",
            "it reads 8-bit codes already: its activations stay as they are",
          ]
        })
    }
  }

  /// Codes that a pool or reshape only picks from or lays out otherwise are still those.
  @Test func codesBehindAReshapeAreNotRoundedAgain() throws {
    var model = try coded()
    guard let place = model.graph.nodes.firstIndex(where: { $0.name == "f1" }) else { return }
    let read = model.graph.nodes[place].inputs[0]
    model.graph.nodes[place].inputs[0] = "same"
    model.graph.nodes.insert(
      Node(name: "flat", kind: "Flatten", inputs: [read], outputs: ["same"]), at: place)
    let settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, .int8)
    let again = try compressed(settings, model)
    #expect(again.model.graph.nodes.count == model.graph.nodes.count)
  }

  @Test func factorsMayNotTakeMoreBytesThanCodes() throws {
    let model = try coded()
    let rank = LayerSettings().with(\.rank, 0.3)
    let again = try compressed(rank, model)
    #expect(again.model.graph.text == model.graph.text)
    #expect(
      again.layers[0].remarks == [
        "rank 7 of 24 takes more bytes than its 8-bit codes already do: left as it is"
      ])
    // Factors that become codes themselves are smaller.
    let narrow = try compressed(rank.with(\.weightBits, .quantized(.int8)), model)
    #expect(narrow.size.bytes < narrow.size.originalBytes)
    #expect(narrow.layers[0].nodes == ["f1/rank0", "f1/rank1"])
  }

  @Test func factorsMayNotTakeMoreBytesThanTheFewWeightsThere() throws {
    let sparse = try compressed(LayerSettings().with(\.prune, 0.9).with(\.allocation, .uniform)).model
    let again = try compressed(LayerSettings().with(\.rank, 0.3), sparse)
    #expect(again.size.bytes == again.size.originalBytes)
    #expect(
      again.layers[0].remarks.first?.hasPrefix("rank 7 of 24 takes more bytes than its weights") == true)
  }

  @Test func halvesStayHalves() throws {
    let half = try compressed(LayerSettings().with(\.weightBits, .float16)).model
    let again = try compressed(LayerSettings().with(\.weightBits, .float16), half)
    #expect(
      again.layers.allSatisfy {
        $0.remarks == ["its weights are 16-bit floats already: they stay as they are"]
      })
  }
}
