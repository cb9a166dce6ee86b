extension LayerOverride {
  /// Reads "NAME:prune=0.3,bits=4,rank=0.5,activations=8" as given on the command line.
  ///
  /// The name may contain colons: the last one separates. `base` gives the quantization methods that are not named.
  /// - Throws: `CompressionError.malformedOverride`, or what is wrong with a key or value.
  package static func parse(
    _ text: String, base: QuantizationMethod = QuantizationMethod()
  ) throws -> (name: String, override: LayerOverride) {
    guard let colon = text.lastIndex(of: ":"), colon != text.startIndex else {
      throw CompressionError.malformedOverride(text: text)
    }
    let name = String(text[..<colon])
    var override = LayerOverride()
    for part in text[text.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
      guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
        throw CompressionError.malformedOverride(text: text)
      }
      guard let setting = Setting(alias: sides[0]) else {
        throw CompressionError.unknownKey(
          key: sides[0], table: "layer \(name)", allowed: Setting.allCases.map(\.rawValue))
      }
      let value = Double(sides[1]).map(SettingValue.number) ?? .word(sides[1])
      try override.set(setting, to: value, key: "\(name): \(sides[0])", base: base)
    }
    return (name, override)
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
