import ArgumentParser
import Compression
import Recipes

/// The three knobs as flags, of one amount each.
struct KnobOptions: ParsableArguments {
  @Option(help: "Share of weights to remove, 0 to 0.99, or 0% to 99%.")
  var prune: String?

  @Option(help: "Bits of a weight: \(Setting.weightBits.labels).")
  var weightBits: String?

  @Option(help: "Share of the full rank to keep, 0.01 to 1, or 1% to 100%.")
  var rank: String?

  @Option(name: .customLong("bits"), help: .hidden)
  var formerWeightBits: String?

  var flags: [SettingFlag] {
    [
      SettingFlag(.prune, share: prune), SettingFlag(.weightBits, weightBits),
      SettingFlag(.rank, share: rank),
      SettingFlag(.weightBits, formerWeightBits, former: "bits"),
    ]
  }
}

/// What a flag says of a setting, whose key is the flag's name.
struct SettingFlag {
  let setting: Setting
  let value: SettingValue?
  /// A name that the flag had.
  let former: String?

  /// - Parameter share: such as 0.5 or 50%.
  init(_ setting: Setting, share: String?) {
    self.setting = setting
    value = share.map { SettingValue($0) }
    former = nil
  }

  init(_ setting: Setting, _ word: String?, former: String? = nil) {
    self.setting = setting
    value = word.map(SettingValue.word)
    self.former = former
  }
}

extension LayerOverride {
  /// What some flags say, the last of one setting counting.
  init(_ flags: [SettingFlag], _ renamings: inout Renamings) throws {
    self.init()
    for flag in flags {
      guard let value = flag.value else { continue }
      let name = "--" + (flag.former ?? flag.setting.key)
      if flag.former != nil { renamings.note(name, "--" + flag.setting.key) }
      try SettingCatalog.standard.set(flag.setting, to: value, in: &self, key: name, &renamings)
    }
  }
}

extension Setting {
  /// The words the setting may have, for the help.
  var labels: String { (options ?? []).map(\.label).joined(separator: ", ") }
}
