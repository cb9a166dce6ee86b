import ArgumentParser
import Compression
import Foundation
import Recipes

/// The knobs as flags; they are laid over the recipe file where one is given.
struct RecipeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A recipe as TOML, as export writes it.", valueName: "file"))
  var recipe: String?

  @OptionGroup var knobs: KnobOptions

  @Option(help: "By what it is judged which weights matter least: \(Setting(\.criterion).labels).")
  var criterion: String?

  @Option(help: "Bits of an activation: \(Setting.activationBits.labels) (below 32 needs calibration data).")
  var activationBits: String?

  @Option(help: "Weights that share a scale: \(Setting(\.granularity).labels).")
  var granularity: String?

  @Option(help: "Codes: \(Setting(\.symmetry).labels).")
  var symmetry: String?

  @Option(help: "How the range of the codes is found: \(Setting(\.range).labels).")
  var range: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Any setting by its name in recipes (paretop methods lists all); may be given again.",
      valueName: "name=value"))
  var assignments: [String] = []

  @Option(
    name: .customLong("layer"),
    help: ArgumentHelp(
      "One layer's own settings; may be given again.", valueName: "name:prune=0.3,weight-bits=4"))
  var layers: [String] = []

  @OptionGroup var former: FormerRecipeOptions

  /// The recipe that file and flags ask for; a note says which of them go by former names.
  func resolved() throws -> Recipe {
    var result = try recipe.map(RecipeOptions.read) ?? .identity
    var renamings = Renamings()
    let flags =
      knobs.flags + former.flags + [
        SettingFlag(Setting(\.criterion), criterion), SettingFlag(.activationBits, activationBits),
        SettingFlag(Setting(\.granularity), granularity), SettingFlag(Setting(\.symmetry), symmetry),
        SettingFlag(Setting(\.range), range),
      ]
    result.model = try LayerOverride(flags, &renamings).laid(over: result.model)
    for text in assignments {
      result.model = try SettingCatalog.standard.override(text, in: "--set", &renamings)
        .laid(over: result.model)
    }
    for text in layers {
      let (name, override) = try SettingCatalog.standard.override(ofLayer: text, &renamings)
      result.layers[name] = override.laid(over: result.layers[name] ?? LayerOverride())
    }
    Output.note(renamings, in: "the command line")
    return result
  }

  static func read(_ path: String) throws -> Recipe {
    guard let bytes = FileManager.default.contents(atPath: path) else { throw VerbError.unreadable(path) }
    // The TOML reader takes a zero byte for the end.
    guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
      throw VerbError.notText(path)
    }
    var renamings = Renamings()
    let recipe = try RecipeFile.read(text, &renamings)
    Output.note(renamings, in: path)
    return recipe
  }
}

/// Flags by the names that they had, which still work and are told of.
struct FormerRecipeOptions: ParsableArguments {
  @Option(help: .hidden)
  var pruning: String?

  @Option(help: .hidden)
  var activations: String?

  @Option(help: .hidden)
  var calibrationMethod: String?

  var flags: [SettingFlag] {
    [
      SettingFlag(Setting(\.criterion), pruning, former: "pruning"),
      SettingFlag(.activationBits, activations, former: "activations"),
      SettingFlag(Setting(\.range), calibrationMethod, former: "calibration-method"),
    ]
  }
}

extension Output {
  /// Says on standard error which former names were met; nothing where there were none.
  static func note(_ renamings: Renamings, in place: String) {
    if let notice = renamings.notice(in: place) { note("note: \(notice)") }
  }
}
