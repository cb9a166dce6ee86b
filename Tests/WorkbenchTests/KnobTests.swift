import Compression
import Recipes
import TensorCore
import Testing
import Workbench

@Suite("Knobs")
struct KnobTests {
  @Test func pruneStaysInItsRange() {
    var settings = LayerSettings()
    for _ in 0..<12 { settings = Setting.prune.turned(.coarseUp, in: settings) }
    #expect(settings.prune == 0.99)
    for _ in 0..<12 { settings = Setting.prune.turned(.coarseDown, in: settings) }
    #expect(settings.prune == 0)
  }

  @Test func rankStopsAtOnePercent() {
    var settings = LayerSettings()
    for _ in 0..<12 { settings = Setting.rank.turned(.coarseDown, in: settings) }
    #expect(settings.rank == 0.01)
  }

  @Test func stepsAreExactHundredths() {
    var settings = LayerSettings()
    for step in 1...99 {
      settings = Setting.prune.turned(.up, in: settings)
      #expect(settings.prune == Double(step) / 100)
    }
  }

  @Test func bitsGoThroughAllWidths() {
    var settings = LayerSettings()
    var seen = [settings.weightBits.label]
    for _ in 0..<9 {
      settings = Setting.weightBits.turned(.down, in: settings)
      seen.append(settings.weightBits.label)
    }
    #expect(seen == ["32", "16", "8", "6", "5", "4", "3", "2", "1.58", "1"])
    #expect(Setting.weightBits.turned(.down, in: settings) == settings)
  }

  @Test func aLayerTurnedBackHasNoOverride() {
    let scope = Scope.layer("fc1")
    let turned = Recipe.identity.turning(.prune, .up, in: scope)
    #expect(turned.layers["fc1"]?.prune == 0.01)
    #expect(turned.turning(.prune, .down, in: scope) == .identity)
  }

  @Test func aLayerKeepsItsSettingWhenTheModelMoves() {
    let recipe = Recipe.identity.turning(.weightBits, .down, in: .layer("fc1")).turning(
      .prune, .up, in: .model)
    #expect(recipe.settings(for: "fc1").weightBits == .float16)
    #expect(recipe.settings(for: "fc1").prune == 0.01)
    #expect(recipe.settings(for: "fc2").weightBits == .float32)
  }

  @Test(arguments: Setting.allCases)
  func sweepsTryDistinctRecipes(knob: Setting) {
    let recipes = knob.sweep(of: .identity, in: .model)
    #expect(recipes.count >= 2)
    #expect(Set(recipes).count == recipes.count)
  }
}
