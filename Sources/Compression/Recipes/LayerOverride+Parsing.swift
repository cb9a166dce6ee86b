extension LayerOverride {
  /// Reads "NAME:prune=0.3,bits=4,rank=0.5,activations=8" as given on the command line.
  ///
  /// The name may contain colons: the last one separates.
  /// - Throws: `CompressionError.malformedOverride`, or what is wrong with a key or value.
  package static func parse(_ text: String) throws -> (name: String, override: LayerOverride) {
    // A value may hold a colon as well: the last one before the first "=" counts.
    let head = text.firstIndex(of: "=").map { text[..<$0] } ?? text[...]
    guard let colon = head.lastIndex(of: ":"), colon != text.startIndex else {
      throw CompressionError.malformedOverride(text: text)
    }
    let name = String(text[..<colon])
    do {
      return (name, try parse(settings: String(text[text.index(after: colon)...]), place: name))
    } catch CompressionError.malformedOverride {
      throw CompressionError.malformedOverride(text: text)
    }
  }

  /// Reads "prune=0.3,bits=4"; `place` stands before a setting's name in errors.
  /// - Throws: `CompressionError.malformedOverride`, or what is wrong with a key or value.
  package static func parse(settings text: String, place: String) throws -> LayerOverride {
    var override = LayerOverride()
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
      guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
        throw CompressionError.malformedOverride(text: text)
      }
      guard let setting = Setting(alias: sides[0]) else {
        throw CompressionError.unknownKey(
          key: sides[0], table: place, allowed: Setting.allCases.map(\.rawValue))
      }
      try override.set(setting, to: SettingValue(sides[1]), key: "\(place): \(sides[0])")
    }
    return override
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
