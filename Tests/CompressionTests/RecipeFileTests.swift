import Compression
import Recipes
import TensorCore
import Testing

@Suite struct RecipeFileTests {
  @Test func recipesSurviveWritingAndReading() throws {
    var random = SeededGenerator(seed: 5)
    for index in 0..<60 {
      var recipe = Recipe()
      for setting in Setting.allCases {
        let word = setting.options?.randomElement(using: &random).map { SettingValue.word($0.label) }
        let number = setting.range.map { SettingValue.number(Double.random(in: $0, using: &random)) }
        try setting.set(#require(word ?? number), in: &recipe.model)
      }
      var override = LayerOverride()
      if index % 2 == 0 { override.prune = Double.random(in: 0...0.99, using: &random) }
      if index % 3 == 0 { override.weightBits = WeightPrecision.allCases.randomElement(using: &random)! }
      if index % 5 == 0 { override.symmetry = .asymmetric }
      if index % 7 == 0 { override.activationBits = .int8 }
      recipe.layers["/fc1/Gemm"] = override
      recipe.layers["odd \"name\"\\ \t[é]=#\u{1}"] = override
      let text = RecipeFile.write(recipe)
      let read = try RecipeFile.read(text)
      #expect(read == recipe)
      #expect(RecipeFile.write(read) == text)
    }
  }

  @Test func theTextIsStable() {
    var recipe = Recipe(
      model: LayerSettings().with(\.prune, 0.5).with(\.weightBits, .quantized(.int4)).with(
        \.activationBits, .int8))
    recipe.layers["/fc1/Gemm"] = LayerOverride()
    recipe.layers["/fc1/Gemm"]?.weightBits = .quantized(.int8)
    #expect(
      RecipeFile.write(recipe) == """
        # A paretop recipe: what to prune, factorize and quantize; [layers."NAME"] replaces it for one layer.
        [model]
        prune = 0.5
        criterion = "magnitude"
        pattern = "weights"
        allocation = "global"
        alignment = "1"
        compensation = "none"
        weight-bits = "4"
        granularity = "per-channel"
        symmetry = "symmetric"
        range = "min-max"
        rounding = "nearest"
        damping = 0.01
        equalization = "none"
        number-format = "integer"
        bias = "kept"
        batch-norm = "kept"
        first-last-bits = "same"
        activation-bits = "8"
        rank = 1.0
        factorization = "svd"
        rank-by = "ratio"
        residual = 0.0

        [layers."/fc1/Gemm"]
        weight-bits = "8"

        """)
  }

  @Test func numbersMayBeWrittenEitherWay() throws {
    let recipe = try RecipeFile.read("[model]\nprune = 0\nrank = 1\nweight-bits = 4\nactivation-bits = 8\n")
    #expect(
      recipe.model == LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.activationBits, .int8))
    let ternary = try RecipeFile.read("[model]\nweight-bits = 1.58")
    #expect(ternary.model.weightBits == .quantized(.ternary))
    let empty = try RecipeFile.read("")
    #expect(empty == .identity)
    let partial = try RecipeFile.read(
      "[model]\nsymmetry = \"asymmetric\"\n[layers.a]\ngranularity = \"per-tensor\"")
    #expect(
      partial.settings(for: "a")
        == LayerSettings().with(\.granularity, .perTensor).with(\.symmetry, .asymmetric))
  }

  @Test(arguments: [
    (
      "[model]\nprunes = 0.5",
      "[model] has no setting \"prunes\"; the settings are prune, criterion, pattern, allocation, alignment, compensation, weight-bits, granularity, symmetry, range, rounding, damping, equalization, number-format, bias, batch-norm, first-last-bits, activation-bits, rank, factorization, rank-by, residual"
    ),
    ("[modle]\n", "a recipe has no setting \"modle\"; the settings are model, layers"),
    ("[model]\nprune = 1.5", "[model] prune is 1.5, but it must be from 0.0 to 0.99"),
    ("[model]\nprune = nan", "[model] prune is nan, but it must be from 0.0 to 0.99"),
    ("[model]\nprune = \"half\"", "[model] prune is a text (\"half\"), but it must be a number"),
    ("[model]\nprune = true", "[model] prune is a bool, but it must be a number or text"),
    (
      "[model]\nweight-bits = 7",
      "[model] weight-bits is \"7\", but it must be one of \"32\", \"16\", \"8\", \"6\", \"5\", \"4\", \"3\", \"2\", \"1.58\", \"1\""
    ),
    (
      "[model]\npattern = \"random\"",
      "[model] pattern is \"random\", but it must be one of \"weights\", \"2:4\", \"1:4\", \"4:8\", \"1x8\", \"4x4\", \"channels\", \"heads\", \"layers\""
    ),
    ("[layers.\"a b\"]\nrank = 0", "[layers.\"a b\"] rank is 0.0, but it must be from 0.01 to 1.0"),
    ("layers = 3", "layers is an integer, but it must be a table"),
  ])
  func mistakesAreNamed(text: String, message: String) {
    #expect(performing: { try RecipeFile.read(text) }, throws: { "\($0)" == message })
  }

  @Test func brokenTextNamesItsLine() {
    #expect(
      performing: { try RecipeFile.read("[model]\nprune = = 1") },
      throws: { error in
        guard case .malformed(let line, _) = error as? RecipeError else { return false }
        return line == 2
      })
  }

  /// A recipe as it was written before settings got the names of the field.
  @Test func recipesByFormerNamesStillMeanTheSame() throws {
    var renamings = Renamings()
    let recipe = try RecipeFile.read(
      """
      [model]
      prune = 0.5
      pruning = "wanda"
      multiple = "8"
      compensation = "norms"
      weights = "4"
      calibration = "mse"
      scaling = "equalize"
      numbers = "float"
      norms = "folded"
      edges = "8"
      activations = "8"
      """, &renamings)
    var expected = LayerSettings()
    expected.prune = 0.5
    expected.criterion = .wanda
    expected.alignment = .eight
    expected.compensation = .batchNorm
    expected.weightBits = .quantized(.int4)
    expected.range = .meanSquare
    expected.equalization = .crossLayer
    expected.numberFormat = .float
    expected.batchNorm = .folded
    expected.firstLastBits = .eightBits
    expected.activationBits = .int8
    #expect(recipe.model == expected)
    let notice = try #require(renamings.notice(in: "old.toml"))
    for (former, present) in [
      ("pruning", "criterion"), ("multiple", "alignment"), ("norms", "batch-norm"),
      ("weights", "weight-bits"),
      ("calibration", "range"), ("scaling", "equalization"), ("equalize", "cross-layer"),
      ("numbers", "number-format"), ("edges", "first-last-bits"), ("activations", "activation-bits"),
    ] {
      #expect(notice.contains("\"\(former)\" is now \"\(present)\""))
    }
    #expect(try RecipeFile.read(RecipeFile.write(recipe)) == recipe)
  }

  /// One name for one thing: the key is the name of the property, and its words are the title on the screen.
  @Test func keysAndTitlesAgree() {
    for setting in Setting.allCases {
      #expect(setting.title.split(separator: " ").joined(separator: "-") == setting.key)
      #expect(setting.key.allSatisfy { $0.isLowercase || $0 == "-" } && setting.title.count <= 15)
      #expect(Setting.knobs.contains(setting.knob) && setting.explanation.hasSuffix("."))
    }
    #expect(Setting.knobs == [.prune, .weightBits, .activationBits, .rank])
  }

  @Test func everyMethodHasANameOfItsOwn() {
    for setting in Setting.allCases {
      guard let options = setting.options else { continue }
      #expect(Set(options.map(\.label)).count == options.count, "\(setting.key)")
      #expect(options.map { SettingValue.word($0.label) }.contains(setting.standard))
    }
  }

  @Test func formerWordsForPruningStillMeanTheSame() throws {
    let former: [(String, PruningPattern, PruningAllocation)] = [
      ("magnitude-global", .weights, .global), ("magnitude-per-layer", .weights, .uniform),
      ("structured-l2", .channels, .uniform),
    ]
    for (word, pattern, allocation) in former {
      let recipe = try RecipeFile.read("[model]\npruning = \"\(word)\"\n[layers.a]\npruning = \"\(word)\"")
      let expected = LayerSettings().with(\.pattern, pattern).with(\.allocation, allocation)
      #expect(recipe.model == expected)
      // A layer takes the whole meaning of the word with it, whatever the model says.
      #expect(
        recipe.layers["a"]?.laid(over: LayerSettings().with(\.pattern, .two4).with(\.allocation, .lamp))
          == expected)
      #expect(try RecipeFile.read(RecipeFile.write(recipe)) == recipe)
    }
  }

  private func parse(_ text: String) throws -> (name: String, override: LayerOverride) {
    var renamings = Renamings()
    return try SettingCatalog.standard.override(ofLayer: text, &renamings)
  }

  @Test func patternsWithColonsAreReadFromTheCommandLine() throws {
    let (name, override) = try parse("a:b:pattern=2:4,prune=0.5")
    #expect(name == "a:b")
    #expect(override.pattern == .two4)
    #expect(override.prune == 0.5)
  }

  @Test func layersAreReadFromTheCommandLine() throws {
    let (name, override) = try parse(
      "a:b:prune=0.3, weight-bits=1.58,rank=0.5,activation-bits=8,symmetry=asymmetric,criterion=structured-l2"
    )
    #expect(name == "a:b")
    var expected = LayerOverride()
    expected.prune = 0.3
    expected.weightBits = .quantized(.ternary)
    expected.rank = 0.5
    expected.activationBits = .int8
    expected.symmetry = .asymmetric
    expected.criterion = .magnitude
    expected.pattern = .channels
    expected.allocation = .uniform
    #expect(override == expected)
    for text in ["a", ":prune=0.3", "a:", "a:prune", "a:prune=", "a:prune=0.3,", "a:=3"] {
      #expect(throws: RecipeError.malformedOverride(text: text)) { try parse(text) }
    }
    #expect(
      throws: RecipeError.outOfRange(key: "a: prune", found: "3.0", allowed: "from 0.0 to 0.99")
    ) { try parse("a:prune=3") }
    #expect(
      performing: { try parse("a:prun=0.3") },
      throws: { error in
        guard case .unknownKey(let key, _, _) = error as? RecipeError else { return false }
        return key == "prun"
      })
  }

  @Test func summariesAreShort() {
    #expect(Recipe.identity.summary == "original")
    var recipe = Recipe(
      model: LayerSettings().with(\.prune, 0.5).with(\.weightBits, .quantized(.int4)).with(
        \.activationBits, .int8
      ).with(\.rank, 0.75))
    #expect(recipe.summary == "P50 W4A8 R75")
    recipe.model = LayerSettings().with(\.prune, 0.125).with(\.pattern, .channels).with(
      \.weightBits, .quantized(.ternary))
    #expect(recipe.summary == "S12.5 channels W1.58")
    recipe.layers["a"] = LayerOverride()
    recipe.layers["b"] = LayerOverride()
    recipe.layers["b"]?.prune = 0.9
    #expect(recipe.summary == "S12.5 channels W1.58 b:S90 channels W1.58")
    recipe.layers["/c/Gemm"] = recipe.layers["b"]
    #expect(recipe.summary == "S12.5 channels W1.58 +2")
    recipe = Recipe(layers: ["/fc1/Gemm": recipe.layers["b"] ?? LayerOverride()])
    #expect(recipe.summary == "fc1:P90")
  }

  /// Whatever differs and does something is told apart.
  @Test func summariesTellRecipesApart() {
    let knobs = LayerSettings().with(\.prune, 0.5).with(\.weightBits, .quantized(.int4)).with(\.rank, 0.5)
    var seen: [String: LayerSettings] = [knobs.summary: knobs]
    for setting in Setting.allCases where !setting.isKnob {
      let values =
        setting.options?.map { SettingValue($0.label) } ?? setting.range.map { [.number($0.upperBound)] }
        ?? []
      for value in values {
        var settings = knobs
        do { try setting.set(value, in: &settings) } catch { Issue.record("\(error)") }
        let other = seen.updateValue(settings, forKey: settings.summary)
        #expect(other == nil || other == settings, "\(settings.summary)")
      }
    }
    #expect(knobs.with(\.rounding, .gptq).with(\.range, .meanSquare).summary == "P50 W4 mse gptq R50")
  }
}
