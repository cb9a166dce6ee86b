import ArgumentParser
import Compression
import Foundation

/// The knobs as flags; they are laid over the recipe file where one is given.
struct RecipeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A recipe as TOML, as export writes it.", valueName: "file"))
  var recipe: String?

  @OptionGroup var knobs: KnobOptions

  @Option(help: "Which weights go, and how: \(Setting.pruning.labels).")
  var pruning: String?

  @Option(help: "Bits of an activation: \(Setting.activations.labels) (below 32 needs calibration data).")
  var activations: String?

  @Option(help: "Scales: \(Setting.granularity.labels).")
  var granularity: String?

  @Option(help: "Codes: \(Setting.symmetry.labels).")
  var symmetry: String?

  @Option(help: "Range of the codes: \(Setting.calibration.labels).")
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
    try knobs.apply(to: &result.model)
    let flags: [(Setting, String?, String)] = [
      (.pruning, pruning, "pruning"), (.activations, activations, "activations"),
      (.granularity, granularity, "granularity"), (.symmetry, symmetry, "symmetry"),
      (.calibration, calibrationMethod, "calibration-method"),
    ]
    for (setting, value, flag) in flags {
      if let value { try setting.set(.word(value), in: &result.model, key: "--" + flag) }
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

  static func read(_ path: String) throws -> Recipe {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw VerbError.unreadable(path)
    }
    return try RecipeFile.read(text)
  }
}
