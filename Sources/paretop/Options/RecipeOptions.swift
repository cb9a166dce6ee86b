import ArgumentParser
import Compression
import Foundation

/// The knobs as flags; they are laid over the recipe file where one is given.
struct RecipeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A recipe as TOML, as export writes it.", valueName: "file"))
  var recipe: String?

  @Option(help: "Share of weights to remove, 0 to 0.99.")
  var prune: Double?

  @Option(help: "Which weights go, and how: \(labels(.pruning)).")
  var pruning: String?

  @Option(help: "Bits of a weight: \(labels(.weights)).")
  var bits: String?

  @Option(help: "Bits of an activation: \(labels(.activations)) (below 32 needs calibration data).")
  var activations: String?

  @Option(help: "Share of the full rank to keep, 0.01 to 1.")
  var rank: Double?

  @Option(help: "Scales: \(labels(.granularity)).")
  var granularity: String?

  @Option(help: "Codes: \(labels(.symmetry)).")
  var symmetry: String?

  @Option(help: "Range of the codes: \(labels(.calibration)).")
  var calibrationMethod: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Any setting by its name in recipes (paretop methods lists all); may be given again.",
      valueName: "name=value"))
  var assignments: [String] = []

  @Option(
    name: .customLong("layer"),
    help: ArgumentHelp("One layer's own settings; may be given again.", valueName: "name:prune=0.3,bits=4"))
  var layers: [String] = []

  /// The recipe that file and flags ask for.
  func resolved() throws -> Recipe {
    var result = try recipe.map(RecipeOptions.read) ?? .identity
    let flags: [(Setting, SettingValue?, String)] = [
      (.prune, prune.map(SettingValue.number), "prune"), (.rank, rank.map(SettingValue.number), "rank"),
      (.pruning, pruning.map(SettingValue.word), "pruning"),
      (.weights, bits.map(SettingValue.word), "bits"),
      (.activations, activations.map(SettingValue.word), "activations"),
      (.granularity, granularity.map(SettingValue.word), "granularity"),
      (.symmetry, symmetry.map(SettingValue.word), "symmetry"),
      (.calibration, calibrationMethod.map(SettingValue.word), "calibration-method"),
    ]
    for (setting, value, flag) in flags {
      if let value { try setting.set(value, in: &result.model, key: "--" + flag) }
    }
    for text in assignments {
      result.model = try LayerOverride.parse(settings: text, place: "--set").laid(over: result.model)
    }
    for text in layers {
      let (name, override) = try LayerOverride.parse(text)
      result.layers[name] = override.laid(over: result.layers[name] ?? LayerOverride())
    }
    return result
  }

  private static func labels(_ setting: Setting) -> String {
    (setting.options ?? []).map(\.label).joined(separator: ", ")
  }

  static func read(_ path: String) throws -> Recipe {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw VerbError.unreadable(path)
    }
    return try RecipeFile.read(text)
  }
}
