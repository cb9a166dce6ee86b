import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// The ways to take a layer apart, against the layer itself.
@Suite struct FactorizationTests {
  private func settings(
    _ method: FactorizationMethod, _ rank: Double, _ measure: RankMeasure = .ratio, residual: Double = 0
  ) -> LayerSettings {
    LayerSettings().with(\.rank, rank).with(\.factorization, method).with(\.rankBy, measure).with(
      \.residual, residual)
  }

  private func convolution(_ seed: UInt64, _ attributes: [String: Attribute], window: [Int] = [3, 3]) -> Model
  {
    var net = NetworkBuilder(seed: seed)
    let weight = net.constant("c.weight", net.normal([10, 8] + window))
    let bias = net.constant("c.bias", net.normal([10]))
    net.node("c", "Conv", [net.value, weight, bias], attributes)
    return net.model(input: [2, 8, 9, 9])
  }

  private func difference(_ one: Model, _ other: Model, _ input: [Int]) throws -> Double {
    let (before, after) = (try one.run(input).values.first!, try other.run(input).values.first!)
    guard before.shape == after.shape else { return .infinity }
    var (error, whole) = (0.0, 0.0)
    for (a, b) in zip(before.floats, after.floats) {
      error += Double((a - b) * (a - b))
      whole += Double(a * a)
    }
    return (error / whole).squareRoot()
  }

  /// With all but nothing cut off, the pieces are the layer: strides, dilations and padding are where they belong.
  @Test(arguments: [FactorizationMethod.spatial, .tucker, .svd, .canonicalPolyadic])
  func piecesWithWindowsComputeTheSame(method: FactorizationMethod) throws {
    let attributes: [[String: Attribute]] = [
      ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 0, 2, 1]), "strides": .ints([2, 1])],
      ["kernel_shape": .ints([3, 3]), "pads": .ints([2, 1, 2, 1]), "dilations": .ints([2, 1])],
      ["auto_pad": .string("SAME_UPPER"), "strides": .ints([1, 2])],
    ]
    for (index, attributes) in attributes.enumerated() {
      // A weight of rank 2 in every sense: sums of products of vectors.
      var random = SeededGenerator(seed: UInt64(index + 1))
      var values = [Float](repeating: 0, count: 10 * 8 * 9)
      for _ in 0..<2 {
        let (n, c) = ((0..<10).map { _ in random.normal() }, (0..<8).map { _ in random.normal() })
        let (h, w) = ((0..<3).map { _ in random.normal() }, (0..<3).map { _ in random.normal() })
        for place in values.indices {
          values[place] += n[place / 72] * c[place / 9 % 8] * h[place / 3 % 3] * w[place % 3]
        }
      }
      var model = convolution(1, attributes)
      model.graph.initializers["c.weight"] = .dense(try Tensor(shape: [10, 8, 3, 3], values))
      let rank = method == .tucker ? 0.25 : method == .canonicalPolyadic ? 0.1 : 0.2
      let compressed = try Compressor(model: model).compress(Recipe(model: settings(method, rank)))
      #expect(compressed.model.graph.nodes.count == (method == .spatial || method == .svd ? 2 : 3))
      // Alternating least squares come near, in so many sweeps.
      let most = method == .canonicalPolyadic ? 0.03 : 1e-5
      #expect(try difference(model, compressed.model, [2, 8, 9, 9]) < most, "\(method) \(index)")
    }
  }

  @Test func shapesOfThePieces() throws {
    let model = convolution(2, ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1])])
    let compressor = Compressor(model: model)
    func shapes(_ settings: LayerSettings) throws -> [[Int]] {
      let graph = try compressor.compress(Recipe(model: settings)).model.graph
      return graph.nodes.compactMap { graph.initializers[$0.inputs[1]]?.shape.dimensions }
    }
    #expect(try shapes(settings(.spatial, 0.25)) == [[6, 8, 3, 1], [10, 6, 1, 3]])
    #expect(try shapes(settings(.tucker, 0.5)) == [[4, 8, 1, 1], [5, 4, 3, 3], [10, 5, 1, 1]])
    #expect(try shapes(settings(.svd, 0.5)) == [[5, 8, 3, 3], [10, 5, 1, 1]])
    // Of 29, which have as many numbers as the weight.
    #expect(
      try shapes(settings(.canonicalPolyadic, 0.5)) == [[15, 8, 1, 1], [15, 1, 3, 3], [10, 15, 1, 1]])
    // 720 weights: half of them at most.
    for (method, weights) in [(FactorizationMethod.svd, 82), (.spatial, 54), (.canonicalPolyadic, 27)] {
      let first = try shapes(settings(method, 0.5, .parameters))[0][0]
      #expect(first == 360 / weights, "\(method)")
    }
    let tucker = try shapes(settings(.tucker, 0.5, .parameters))
    #expect(tucker.reduce(0) { $0 + $1.reduce(1, *) } <= 360)
  }

  @Test(arguments: [FactorizationMethod.tucker, .canonicalPolyadic])
  func errorsFallAsRanksRise(method: FactorizationMethod) throws {
    let model = convolution(3, ["kernel_shape": .ints([3, 3])])
    let compressor = Compressor(model: model)
    let errors = try [0.125, 0.25, 0.5, 0.75].map { rank in
      try difference(model, compressor.compress(Recipe(model: settings(method, rank))).model, [2, 8, 9, 9])
    }
    #expect(zip(errors, errors.dropFirst()).allSatisfy { $0 > $1 })
  }

  /// A sum of products of vectors is found again, and the share of the energy that it is asked for.
  @Test func productsOfVectorsAreFoundAgain() throws {
    let (n, c, k, rank) = (12, 7, 9, 4)
    var random = SeededGenerator(seed: 9)
    let vectors = [n, c, k].map { size in (0..<size * rank).map { _ in Double(random.normal()) } }
    var values = [Double](repeating: 0, count: n * c * k)
    for place in values.indices {
      for index in 0..<rank {
        values[place] +=
          vectors[0][place / (c * k) * rank + index] * vectors[1][place / k % c * rank + index]
          * vectors[2][place % k * rank + index]
      }
    }
    var model = convolution(3, ["kernel_shape": .ints([3, 3])])
    model.graph.initializers["c.bias"] = .dense(try Tensor(shape: [12], [Float](repeating: 0, count: 12)))
    model.graph.initializers["c.weight"] = .dense(try Tensor(shape: [12, 7, 3, 3], values.map { Float($0) }))
    model.graph.inputs[0].dimensions = [2, 7, 9, 9].map { .fixed($0) }
    let compressor = Compressor(model: model)
    let found = try compressor.compress(Recipe(model: settings(.canonicalPolyadic, 0.999, .energy)))
    let kept = found.model.floats("c.weight/rank1").count / k
    #expect((rank...rank + 2).contains(kept), "\(kept)")
    #expect(try difference(model, found.model, [2, 7, 9, 9]) < 0.05)
    // The same each time, and each vector of a product as long as the others.
    let again = try Compressor(model: model).compress(found.recipe)
    #expect(again.model.floats("c.weight/rank0") == found.model.floats("c.weight/rank0"))
    let lengths = (0..<kept).map { index in
      found.model.floats("c.weight/rank0")[index * c..<(index + 1) * c].reduce(0) { $0 + $1 * $1 }
        / found.model.floats("c.weight/rank1")[index * k..<(index + 1) * k].reduce(0) { $0 + $1 * $1 }
    }
    #expect(lengths.allSatisfy { abs($0 - 1) < 1e-3 }, "\(lengths)")
  }

  @Test func anEnergyShareIsKept() throws {
    for share in [0.3, 0.6, 0.8] {
      var net = NetworkBuilder(seed: 4)
      net.matMul("a", 60, 50, bias: false)
      let model = net.model(input: [1, 60])
      let compressed = try Compressor(model: model).compress(Recipe(model: settings(.svd, share, .energy)))
      guard compressed.model.graph.nodes.count == 2 else { continue }
      let left = compressed.model.floats("a.weight/rank0")
      let right = compressed.model.floats("a.weight/rank1")
      let rank = left.count / 60
      var (error, whole) = (0.0, 0.0)
      for (index, weight) in model.floats("a.weight").enumerated() {
        var sum: Float = 0
        for k in 0..<rank { sum += left[index / 50 * rank + k] * right[k * 50 + index % 50] }
        error += Double((weight - sum) * (weight - sum))
        whole += Double(weight * weight)
      }
      #expect(1 - error / whole >= share - 1e-4)
      #expect(rank > 1)
    }
  }

  /// What activation-svd is for: the output on calibration data, which plain svd does not look at.
  @Test func weighedByActivationsIsNeverWorse() throws {
    for seed in UInt64(1)...6 {
      var net = NetworkBuilder(seed: seed)
      let inputs = 12 + Int(seed) * 3
      // Fewer directions than inputs for some: the Gram matrix is singular.
      let mix = net.constant("mix", net.normal([seed % 2 == 0 ? 5 : 40, inputs]))
      net.node("mixed", "MatMul", [net.value, mix])
      if seed % 3 == 0 {
        net.gemm("a", inputs, 20, transposed: false)
      } else {
        net.gemm("a", inputs, 20)
      }
      let width = seed % 2 == 0 ? 5 : 40
      let model = net.model(input: [8, width])
      let calibration = TestCalibration([8, width], batches: 12)
      let compressor = Compressor(model: model, activations: calibration)
      for rank in [0.1, 0.25, 0.4] {
        func error(_ method: FactorizationMethod) throws -> Double {
          var recipe = Recipe()
          recipe.layers["a"] = LayerOverride(settings(method, rank), naming: Setting.allCases)
          let compressed = try compressor.compress(recipe).model
          let name = model.graph.outputs[0].name
          let (before, after) = (try calibration.values(of: model), try calibration.values(of: compressed))
          var sum = 0.0
          for (one, other) in zip(before[name] ?? [], after[name] ?? []) {
            for (a, b) in zip(one.floats, other.floats) { sum += Double((a - b) * (a - b)) }
          }
          return sum
        }
        let (plain, weighed) = (try error(.svd), try error(.activationSVD))
        #expect(weighed <= plain * 1.001 + 1e-6, "seed \(seed) rank \(rank)")
      }
    }
  }

  private enum Form: CaseIterable { case gemm, transposedGemm, scaledGemm, matMul, conv, residual, bare }

  /// The factors need not hold the means of what a layer reads: the bias takes up what they lose of them.
  @Test(arguments: 0..<7)
  func aBiasTakesUpTheMeanError(index: Int) throws {
    let form = Form.allCases[index]
    var net = NetworkBuilder(seed: UInt64(index + 1))
    var input = [6, 20]
    switch form {
    case .gemm: net.gemm("a", 20, 16, transposed: false)
    case .transposedGemm, .residual: net.gemm("a", 20, 16)
    case .scaledGemm:
      let weight = net.constant("a.weight", net.normal([16, 20]))
      let bias = net.constant("a.bias", net.normal([16]))
      net.node(
        "a", "Gemm", [net.value, weight, bias],
        ["transB": .int(1), "alpha": .float(0.5), "beta": .float(2)])
    case .matMul: net.matMul("a", 20, 16)
    case .bare: net.matMul("a", 20, 16, bias: false)
    case .conv:
      net.conv("a", 5, 16)
      input = [6, 5, 4, 4]
    }
    let model = net.model(input: input)
    let calibration = TestCalibration(input, batches: 8, shift: 1.5)
    var recipe = Recipe(model: settings(.activationSVD, 0.2, residual: form == .residual ? 0.05 : 0))
    recipe.model.rankBy = .ratio
    let compressor = Compressor(model: model, activations: calibration)
    let compressed = try compressor.compress(recipe)
    let count = compressed.model.graph.nodes.count
    #expect(count == model.graph.nodes.count + (form == .residual ? 3 : 1))
    let name = model.graph.outputs[0].name
    let before = try calibration.values(of: model)[name] ?? []
    let after = try calibration.values(of: compressed.model)[name] ?? []
    var (errors, squares) = ([Double](repeating: 0, count: 16), 0.0)
    for (one, other) in zip(before, after) {
      #expect(one.shape == other.shape)
      let inner = one.shape.dimensions.dropFirst(2).reduce(1, *)
      for (place, (a, b)) in zip(one.floats, other.floats).enumerated() {
        errors[place / inner % 16] += Double(a - b)
        squares += Double((a - b) * (a - b))
      }
    }
    let rows = Double(before.reduce(0) { $0 + $1.shape.count } / 16)
    let typical = (squares / rows / 16).squareRoot()
    #expect(typical > 0.01)
    let largest = errors.map { abs($0) / rows }.max() ?? .infinity
    if form == .bare {
      #expect(largest > 0.01 * typical)
    } else {
      #expect(largest < 1e-4 * typical, "\(form)")
    }
  }

  /// Few rows are drawn towards equal moments, and nearer to the truth by it; many are left.
  @Test(arguments: UInt64(1)...4)
  func momentsAreTrustedAsFarAsTheyCanBe(seed: UInt64) throws {
    let size = 24
    var random = SeededGenerator(seed: seed)
    let spread = (0..<size).map { _ in 0.5 + Float.random(in: 0...1, using: &random) }
    func moments(_ rows: Int) throws -> (InputMoments, sample: [Double]) {
      var net = NetworkBuilder(seed: 1)
      net.gemm("a", size, 2)
      let layer = try #require(LayerCatalog(net.model(input: [1, size]).graph)["a"])
      var accumulator = LayerInputAccumulator(LayerInputRows(layer, node: net.nodes[0]), needs: .gram)
      let values = (0..<rows * size).map { random.normal() * spread[$0 % size] }
      values.withUnsafeBufferPointer { accumulator.add($0, shape: Shape(known: [rows, size])) }
      let found = accumulator.statistics
      #expect(found.independentRows == rows)
      return (InputMoments(found, isCentered: false), found.gram.map { Double($0) / Double(rows) })
    }
    func distance(_ matrix: [Double]) -> Double {
      matrix.enumerated().reduce(0) { sum, entry in
        let (row, column) = (entry.offset / size, entry.offset % size)
        let truth = row == column ? Double(spread[row] * spread[row]) : 0
        return sum + (entry.element - truth) * (entry.element - truth)
      }
    }
    let (few, sample) = try moments(12)
    #expect(few.shrinkage > 0.4 && few.shrinkage <= 1)
    #expect(distance(few.matrix.map { $0 / 12 }) < 0.6 * distance(sample))
    let (many, _) = try moments(6000)
    #expect(many.shrinkage < 0.1)
    #expect(try moments(60).0.shrinkage < few.shrinkage)
  }

  @Test func aSparseResidualHoldsWhatTheFactorsMiss() throws {
    var net = NetworkBuilder(seed: 4)
    let left = net.normal([40, 3]).floats, right = net.normal([3, 30]).floats
    var values = [Float](repeating: 0, count: 1200)
    for index in values.indices {
      for k in 0..<3 { values[index] += left[index / 30 * 3 + k] * right[k * 30 + index % 30] }
    }
    // Of rank 3, but for 24 single values.
    for index in 0..<24 { values[index * 49 % 1200] += 25 }
    _ = net.constant("w", try Tensor(shape: [40, 30], values))
    _ = net.constant("b", net.normal([40]))
    net.node("a", "Gemm", ["x", "w", "b"], ["transB": .int(1)])
    let model = net.model(input: [2, 30])
    let compressor = Compressor(model: model)
    let plain = try compressor.compress(Recipe(model: settings(.svd, 0.1)))
    let split = try compressor.compress(Recipe(model: settings(.svd, 0.1, residual: 0.02)))
    #expect(split.model.graph.nodes.map(\.name) == ["a/rank0", "a/rank1", "a/sparse", "a/sum"])
    #expect(split.model.floats("w/sparse").count { $0 != 0 } == 24)
    let errors = (try difference(model, plain.model, [2, 30]), try difference(model, split.model, [2, 30]))
    #expect(errors.1 < 0.1 * errors.0, "\(errors)")
    // Pruning the factors leaves it alone.
    var recipe = split.recipe
    recipe.model.prune = 0.5
    #expect(try compressor.compress(recipe).model.floats("w/sparse") == split.model.floats("w/sparse"))
    #expect(split.layers[0].nodes.count == 3)
  }

  @Test func layersWithoutAWindowSaySo() throws {
    let compressed = try Compressor(model: smallMLP(60, 60, 60)).compress(
      Recipe(model: settings(.tucker, 0.2)))
    #expect(compressed.layers[0].remarks == ["tucker-2 needs a window of several places: taken apart by svd"])
    #expect(compressed.layers[0].nodes == ["f1/rank0", "f1/rank1"])
  }

  @Test func factorsArePrunedAndQuantizedInTurn() throws {
    let compressor = Compressor(model: smallConvNet())
    for method in FactorizationMethod.allCases {
      var recipe = Recipe(model: settings(method, 0.3))
      recipe.model.prune = 0.5
      recipe.model.weightBits = .quantized(.int4)
      let compressed = try compressor.compress(recipe)
      #expect(compressed.size.bytes == compressed.storedBytes.count)
      #expect(try compressed.model.run([1, 3, 6, 6]).values.first?.shape == [1, 5])
      #expect(Double(compressed.size.nonzeros) < 0.55 * Double(compressed.size.parameters))
    }
  }
}
