import Compression
import TensorCore
import Testing

@Suite struct RecipeFileTests {
  @Test func recipesSurviveWritingAndReading() throws {
    var random = SeededGenerator(seed: 5)
    for index in 0..<60 {
      var recipe = Recipe(
        model: LayerSettings(
          prune: Double(Int.random(in: 0...99, using: &random)) / 100,
          pruning: PruningMethod.allCases.randomElement(using: &random)!,
          pattern: .allCases.randomElement(using: &random)!,
          allocation: .allCases.randomElement(using: &random)!,
          multiple: .allCases.randomElement(using: &random)!,
          compensation: .allCases.randomElement(using: &random)!,
          weights: WeightPrecision.allCases.randomElement(using: &random)!,
          activations: ActivationPrecision.allCases.randomElement(using: &random)!,
          granularity: .allCases.randomElement(using: &random)!,
          symmetry: .allCases.randomElement(using: &random)!,
          calibration: .allCases.randomElement(using: &random)!,
          rank: Double.random(in: 0.01...1, using: &random),
          factorization: .allCases.randomElement(using: &random)!,
          rankBy: .allCases.randomElement(using: &random)!,
          residual: Double.random(in: 0...0.5, using: &random)))
      var override = LayerOverride()
      if index % 2 == 0 { override.prune = Double.random(in: 0...0.99, using: &random) }
      if index % 3 == 0 { override.weights = WeightPrecision.allCases.randomElement(using: &random)! }
      if index % 5 == 0 { override.symmetry = .asymmetric }
      if index % 7 == 0 { override.activations = .int8 }
      recipe.layers["/fc1/Gemm"] = override
      recipe.layers["odd \"name\"\\ \t[é]=#\u{1}"] = override
      let text = RecipeFile.write(recipe)
      let read = try RecipeFile.read(text)
      #expect(read == recipe)
      #expect(RecipeFile.write(read) == text)
    }
  }

  @Test func theTextIsStable() {
    var recipe = Recipe(model: LayerSettings(prune: 0.5, weights: .quantized(.int4), activations: .int8))
    recipe.layers["/fc1/Gemm"] = LayerOverride()
    recipe.layers["/fc1/Gemm"]?.weights = .quantized(.int8)
    #expect(
      RecipeFile.write(recipe) == """
        # A paretop recipe: what to prune, factorize and quantize; [layers."NAME"] replaces it for one layer.
        [model]
        prune = 0.5
        pruning = "magnitude"
        pattern = "weights"
        allocation = "global"
        multiple = "1"
        compensation = "none"
        weights = "4"
        granularity = "per-channel"
        symmetry = "symmetric"
        calibration = "min-max"
        rounding = "nearest"
        scaling = "none"
        numbers = "integer"
        bias = "kept"
        norms = "kept"
        edges = "same"
        activations = "8"
        rank = 1.0
        factorization = "svd"
        rank-by = "ratio"
        residual = 0.0

        [layers."/fc1/Gemm"]
        weights = "8"

        """)
  }

  @Test func numbersMayBeWrittenEitherWay() throws {
    let recipe = try RecipeFile.read("[model]\nprune = 0\nrank = 1\nweights = 4\nactivations = 8\n")
    #expect(recipe.model == LayerSettings(weights: .quantized(.int4), activations: .int8))
    let ternary = try RecipeFile.read("[model]\nweights = 1.58")
    #expect(ternary.model.weights == .quantized(.ternary))
    let empty = try RecipeFile.read("")
    #expect(empty == .identity)
    let partial = try RecipeFile.read(
      "[model]\nsymmetry = \"asymmetric\"\n[layers.a]\ngranularity = \"per-tensor\"")
    #expect(
      partial.settings(for: "a") == LayerSettings(granularity: .perTensor, symmetry: .asymmetric))
  }

  @Test(arguments: [
    (
      "[model]\nprunes = 0.5",
      "[model] has no setting \"prunes\"; the settings are prune, pruning, pattern, allocation, multiple, compensation, weights, granularity, symmetry, calibration, rounding, scaling, numbers, bias, norms, edges, activations, rank, factorization, rank-by, residual"
    ),
    ("[modle]\n", "a recipe has no setting \"modle\"; the settings are model, layers"),
    ("[model]\nprune = 1.5", "[model] prune is 1.5, but it must be from 0.0 to 0.99"),
    ("[model]\nprune = nan", "[model] prune is nan, but it must be from 0.0 to 0.99"),
    ("[model]\nprune = \"half\"", "[model] prune is a text (\"half\"), but it must be a number"),
    ("[model]\nprune = true", "[model] prune is a bool, but it must be a number or text"),
    (
      "[model]\nweights = 7",
      "[model] weights is \"7\", but it must be one of \"32\", \"16\", \"8\", \"6\", \"5\", \"4\", \"3\", \"2\", \"1.58\", \"1\""
    ),
    (
      "[model]\npattern = \"random\"",
      "[model] pattern is \"random\", but it must be one of \"weights\", \"2:4\", \"1:4\", \"4:8\", \"1x8\", \"4x4\", \"channels\", \"heads\", \"layers\""
    ),
    ("[layers.\"a b\"]\nrank = 0", "[layers.\"a b\"] rank is 0.0, but it must be from 0.01 to 1.0"),
    ("layers = 3", "layers is a integer, but it must be a table"),
  ])
  func mistakesAreNamed(text: String, message: String) {
    #expect(performing: { try RecipeFile.read(text) }, throws: { "\($0)" == message })
  }

  @Test func brokenTextNamesItsLine() {
    #expect(
      performing: { try RecipeFile.read("[model]\nprune = = 1") },
      throws: { error in
        guard case .malformedRecipe(let line, _) = error as? CompressionError else { return false }
        return line == 2
      })
  }

  @Test func formerWordsForPruningStillMeanTheSame() throws {
    let former: [(String, PruningPattern, PruningAllocation)] = [
      ("magnitude-global", .weights, .global), ("magnitude-per-layer", .weights, .uniform),
      ("structured-l2", .channels, .uniform),
    ]
    for (word, pattern, allocation) in former {
      let recipe = try RecipeFile.read("[model]\npruning = \"\(word)\"\n[layers.a]\npruning = \"\(word)\"")
      let expected = LayerSettings(pattern: pattern, allocation: allocation)
      #expect(recipe.model == expected)
      // A layer takes the whole meaning of the word with it, whatever the model says.
      #expect(recipe.layers["a"]?.laid(over: LayerSettings(pattern: .two4, allocation: .lamp)) == expected)
      #expect(try RecipeFile.read(RecipeFile.write(recipe)) == recipe)
    }
  }

  @Test func patternsWithColonsAreReadFromTheCommandLine() throws {
    let (name, override) = try LayerOverride.parse("a:b:pattern=2:4,prune=0.5")
    #expect(name == "a:b")
    #expect(override.pattern == .two4)
    #expect(override.prune == 0.5)
  }

  @Test func layersAreReadFromTheCommandLine() throws {
    let (name, override) = try LayerOverride.parse(
      "a:b:prune=0.3, bits=1.58,rank=0.5,activations=8,symmetry=asymmetric,pruning=structured-l2")
    #expect(name == "a:b")
    var expected = LayerOverride()
    expected.prune = 0.3
    expected.weights = .quantized(.ternary)
    expected.rank = 0.5
    expected.activations = .int8
    expected.symmetry = .asymmetric
    expected.pruning = .magnitude
    expected.pattern = .channels
    expected.allocation = .uniform
    #expect(override == expected)
    for text in ["a", ":prune=0.3", "a:", "a:prune", "a:prune=", "a:prune=0.3,", "a:=3"] {
      #expect(throws: CompressionError.malformedOverride(text: text)) { try LayerOverride.parse(text) }
    }
    #expect(
      throws: CompressionError.outOfRange(key: "a: prune", found: "3.0", allowed: "from 0.0 to 0.99")
    ) { try LayerOverride.parse("a:prune=3") }
    #expect(
      performing: { try LayerOverride.parse("a:prun=0.3") },
      throws: { error in
        guard case .unknownKey(let key, _, _) = error as? CompressionError else { return false }
        return key == "prun"
      })
  }

  @Test func summariesAreShort() {
    #expect(Recipe.identity.summary == "original")
    var recipe = Recipe(
      model: LayerSettings(prune: 0.5, weights: .quantized(.int4), activations: .int8, rank: 0.75))
    #expect(recipe.summary == "P50 W4A8 R75")
    recipe.model = LayerSettings(prune: 0.125, pattern: .channels, weights: .quantized(.ternary))
    #expect(recipe.summary == "S12.5 W1.58")
    recipe.layers["a"] = LayerOverride()
    recipe.layers["b"] = LayerOverride()
    recipe.layers["b"]?.prune = 0.9
    #expect(recipe.summary == "S12.5 W1.58 b:S90 W1.58")
    recipe.layers["/c/Gemm"] = recipe.layers["b"]
    #expect(recipe.summary == "S12.5 W1.58 +2")
    recipe = Recipe(layers: ["/fc1/Gemm": recipe.layers["b"] ?? LayerOverride()])
    #expect(recipe.summary == "fc1:P90")
  }
}
