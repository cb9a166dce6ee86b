import Compression
import Evaluation
import Recipes
import Search
import Testing

@Suite struct SensitivityScanTests {
  private struct Failure: Error {}

  @Test func amountsAreTheRecipesOwnOrUsual() {
    let amounts = SensitivityScan.amounts(
      for: LayerSettings().with(\.prune, 0.8).with(\.weightBits, .quantized(.int3)))
    #expect(amounts.map(\.knob) == [.prune, .weightBits, .rank])
    #expect(amounts.map(\.amount) == [.number(0.8), .word("3"), .number(0.5)])
  }

  @Test func eachProbeTurnsOneKnobOfOneLayer() {
    let probes = SensitivityScan.probes(
      layers: ["a", "b"], amounts: [(.prune, .number(0.5)), (.weightBits, .word("4"))])
    #expect(probes.map(\.layer) == ["a", "b", "a", "b"])
    for probe in probes {
      let recipe = probe.recipe
      #expect(recipe.model == LayerSettings())
      #expect(Array(recipe.layers.keys) == [probe.layer])
      #expect(recipe.layers[probe.layer]?.named == [probe.knob.key])
    }
    #expect(probes[1].recipe.settings(for: "b").prune == 0.5)
    #expect(probes[2].recipe.settings(for: "a").weightBits == .quantized(.int4))
  }

  @Test func aFailureDoesNotEndTheScan() async {
    let probes = SensitivityScan.probes(layers: ["a", "b", "c"], amounts: [(.prune, .number(0.5))])
    let scan = SensitivityScan(probes: probes) { recipe in
      if recipe.layers["b"] != nil { throw Failure() }
      return DivergenceReading(relativeError: 0.1, changedAnswers: nil, samples: 1, data: "x")
    }
    var layers: [String] = []
    var failed: [String] = []
    for await result in scan.results() {
      layers.append(result.probe.layer)
      if case .failure = result.outcome { failed.append(result.probe.layer) }
    }
    #expect(layers == ["a", "b", "c"])
    #expect(failed == ["b"])
  }
}
