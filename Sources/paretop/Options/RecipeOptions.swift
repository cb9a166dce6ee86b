import ArgumentParser
import Compression
import Foundation

/// The knobs as flags; they are laid over the recipe file where one is given.
struct RecipeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A recipe as TOML, as export writes it.", valueName: "file"))
  var recipe: String?

  @Option(help: "Share of weights to remove, 0 to 0.99.")
  var prune: Double?

  @Option(help: "Which weights go: \(PruningMethod.allCases.map(\.rawValue).joined(separator: ", ")).")
  var pruning: String?

  @Option(help: "Bits of a weight: \(WeightPrecision.all.map(\.label).joined(separator: ", ")).")
  var bits: String?

  @Option(help: "Bits of an activation: 32 or 8 (8 needs calibration data).")
  var activations: String?

  @Option(help: "Share of the full rank to keep, 0.01 to 1.")
  var rank: Double?

  @Option(help: "Scales: per-tensor or per-channel.")
  var granularity: String?

  @Option(help: "Codes: symmetric or asymmetric.")
  var symmetry: String?

  @Option(help: "Range of the codes: min-max or percentile-99.9.")
  var calibrationMethod: String?

  @Option(
    name: .customLong("layer"),
    help: ArgumentHelp("One layer's own settings; may be given again.", valueName: "name:prune=0.3,bits=4"))
  var layers: [String] = []

  /// The recipe that file and flags ask for.
  func resolved() throws -> Recipe {
    var result = try recipe.map(RecipeOptions.read) ?? .identity
    if let prune { result.model.prune = prune }
    if let rank { result.model.rank = rank }
    result.model.pruning = try choice(pruning, "pruning") ?? result.model.pruning
    result.model.activations = try choice(activations, "activations") ?? result.model.activations
    result.model.quantization.granularity =
      try choice(granularity, "granularity") ?? result.model.quantization.granularity
    result.model.quantization.symmetry =
      try choice(symmetry, "symmetry") ?? result.model.quantization.symmetry
    result.model.quantization.calibration =
      try choice(calibrationMethod, "calibration-method") ?? result.model.quantization.calibration
    if let bits {
      guard let weights = WeightPrecision(label: bits) else {
        throw VerbError.badOption("bits", bits, WeightPrecision.all.map(\.label))
      }
      result.model.weights = weights
    }
    for text in layers {
      let (name, override) = try LayerOverride.parse(text, base: result.model.quantization)
      result.layers[name] = override.over(result.layers[name] ?? LayerOverride())
    }
    return result
  }

  static func read(_ path: String) throws -> Recipe {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw VerbError.unreadable(path)
    }
    return try RecipeFile.read(text)
  }

  private func choice<Value: RawRepresentable & CaseIterable>(_ text: String?, _ option: String) throws
    -> Value?
  where Value.RawValue == String {
    guard let text else { return nil }
    guard let value = Value(rawValue: text) else {
      throw VerbError.badOption(option, text, Value.allCases.map(\.rawValue))
    }
    return value
  }
}

extension LayerOverride {
  /// These settings, and from `earlier` those that are not given here.
  fileprivate func over(_ earlier: LayerOverride) -> LayerOverride {
    var result = self
    result.prune = prune ?? earlier.prune
    result.pruning = pruning ?? earlier.pruning
    result.weights = weights ?? earlier.weights
    result.activations = activations ?? earlier.activations
    result.quantization = quantization ?? earlier.quantization
    result.rank = rank ?? earlier.rank
    return result
  }
}
