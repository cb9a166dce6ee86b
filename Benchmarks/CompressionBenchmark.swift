import Compression
import Evaluation
import Foundation
import GraphIR
import Kernels
import Recipes
import Session
import TensorCore

/// What compressing costs: the loops over 100 million weights beside NumPy's, the SVD beside SciPy's, another setting
/// of a million weights, and the seconds of the slow methods on the sample models.
struct CompressionBenchmark {
  static let verb = BenchmarkVerb(
    name: "compression", arguments: "[PEER-COMMAND...]",
    summary: "Thresholds, codes, decompositions and whole-model knob turns beside NumPy and SciPy.",
    run: { try run($0) })

  private static func run(_ arguments: [String]) throws {
    let level = try CPUFeatureLevel.selected(environment: ProcessInfo.processInfo.environment)
    let peer = try arguments.isEmpty ? nil : KernelPeer(command: arguments, name: "NumPy, SciPy")
    let peaks = BenchmarkTable.begin(level)
    try BenchmarkTable.show(families, KernelBench(table: .for(level), peer: peer), peaks)
    print("\nslow methods, every layer of a sample model, seconds")
    for line in try SlowMethods.lines(level: level) { print(line) }
  }

  static let families = [KernelCompressionCases.family, KnobTurns.family]
}

/// A million weights, 1024 x 1024, under another setting each time: what a turn of a knob has to compute.
enum KnobTurns {
  static let family = KernelFamily(name: "knob") { bench in
    [
      { try decomposition(bench) }, { try rank() }, { try prune() }, { try quantize() },
    ]
  }

  private static let size = 1024

  private static func compressor() throws -> Compressor {
    let shape = try Shape([size, size])
    let values = KernelData<Float>.floats(size * size, seed: 51)
    let weight = Tensor(shape: shape, of: Float.self) { target in _ = target.update(from: values.buffer) }
    let row = [Dimension.fixed(1), .fixed(size)]
    let graph = Graph(
      name: "square", inputs: [ValueInfo(name: "x", dataType: .float32, dimensions: row)],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: row)],
      nodes: [Node(name: "layer", kind: "MatMul", inputs: ["x", "weight"], outputs: ["y"])],
      initializers: ["weight": .dense(weight)], opsets: ["": 17])
    return Compressor(model: Model(graph: graph, metadata: Model.Metadata(fileName: "square.onnx")))
  }

  /// Compresses to one setting after another, none twice in a row.
  private static func turns(
    _ name: String, peer: KernelCase.Peer = .none, passes: Double, _ compressor: Compressor,
    _ change: @escaping (inout LayerSettings, Int) -> Void
  ) -> KernelCase {
    var turn = 0
    return KernelCase(
      name: name, peer: peer, work: passes * Double(size * size * 4), bound: .reads,
      ours: {
        turn += 1
        var recipe = Recipe.identity
        change(&recipe.model, turn)
        _ = try? compressor.compress(recipe)
      })
  }

  private static func decomposition(_ bench: KernelBench) throws -> KernelCase {
    let model = try compressor().model
    let peer: KernelCase.Peer = bench.peer.map { .process($0, "svd") } ?? .none
    return KernelCase(
      name: "SVD of 1024 x 1024, first rank", peer: peer, work: Double(size * size * 4), bound: .reads,
      ours: {
        var recipe = Recipe.identity
        recipe.model.rank = 0.25
        _ = try? Compressor(model: model).compress(recipe)
      })
  }

  private static func rank() throws -> KernelCase {
    turns("another rank of it", passes: 1, try compressor()) {
      // No rank twice: the layers made are kept.
      $0.rank = Double(11 + $1 * 37 % 499) / 1024
    }
  }

  private static func prune() throws -> KernelCase {
    turns("another share pruned of 1 M", passes: 2, try compressor()) {
      $0.prune = Double(1 + $1 * 37 % 9_800) / 10_000
    }
  }

  private static func quantize() throws -> KernelCase {
    // Of a model that is new each time, since there are few widths.
    let widths = WeightPrecision.allCases.filter { $0 != .float32 }
    let model = try compressor().model
    var turn = 0
    return KernelCase(
      name: "another width of 1 M", peer: .none, work: Double(size * size * 4), bound: .reads,
      ours: {
        turn += 1
        var recipe = Recipe.identity
        recipe.model.weightBits = widths[turn % widths.count]
        _ = try? Compressor(model: model).compress(recipe)
      })
  }
}

/// Methods that take seconds, once each, from nothing.
enum SlowMethods {
  static func lines(level: CPUFeatureLevel) throws -> [String] {
    let methods: [(String, (inout LayerSettings) -> Void)] = [
      ("GPTQ, 4 bits", { ($0.weightBits, $0.rounding) = (.quantized(.int4), .gptq) }),
      ("AdaRound, 4 bits", { ($0.weightBits, $0.rounding) = (.quantized(.int4), .adaRound) }),
      ("SparseGPT, 50 %", { ($0.prune, $0.criterion) = (0.5, .sparseGPT) }),
      ("Tucker-2, half", { ($0.rank, $0.factorization) = (0.5, .tucker) }),
      ("SVD by inputs, half", { ($0.rank, $0.factorization) = (0.5, .activationSVD) }),
    ]
    return try ["glyphs-lenet", "adder-transformer"].flatMap { name in
      let opened = try OpenedModel(OpenRequest(path: "sample-models/\(name)"))
      return try methods.map { method, change in
        let experiment = try opened.experiment(Experiment.Options(level: level, threads: 1))
        var recipe = Recipe.identity
        change(&recipe.model)
        let start = KernelClock.wall()
        _ = try experiment.compressor.compress(recipe)
        return name.padding(toLength: 20, withPad: " ", startingAt: 0)
          + method.padding(toLength: 24, withPad: " ", startingAt: 0)
          + String(format: "%8.2f", KernelClock.wall() - start)
      }
    }
  }
}
