import ArgumentParser
import Compression

/// The three knobs as flags, of one amount each.
struct KnobOptions: ParsableArguments {
  @Option(help: "Share of weights to remove, 0 to 0.99.")
  var prune: Double?

  @Option(help: "Bits of a weight: \(Setting.weights.labels).")
  var bits: String?

  @Option(help: "Share of the full rank to keep, 0.01 to 1.")
  var rank: Double?

  func apply(to settings: inout LayerSettings) throws {
    if let prune { try Setting.prune.set(.number(prune), in: &settings, key: "--prune") }
    if let bits { try Setting.weights.set(.word(bits), in: &settings, key: "--bits") }
    if let rank { try Setting.rank.set(.number(rank), in: &settings, key: "--rank") }
  }
}

extension Setting {
  /// The words the setting may have, for the help.
  var labels: String { (options ?? []).map(\.label).joined(separator: ", ") }
}
