/// Settings as they are given on the command line.
extension SettingCatalog {
  /// Reads "NAME:prune=0.3,weight-bits=4,rank=0.5,activation-bits=8".
  ///
  /// The name may contain colons: the last one before the first "=" separates.
  /// - Throws: `RecipeError.malformedOverride`, or what is wrong with a key or value.
  package func override(
    ofLayer text: String, _ renamings: inout Renamings
  ) throws -> (name: String, override: LayerOverride) {
    // A value may hold a colon as well: the last one before the first "=" counts.
    let head = text.firstIndex(of: "=").map { text[..<$0] } ?? text[...]
    guard let colon = head.lastIndex(of: ":"), colon != text.startIndex else {
      throw RecipeError.malformedOverride(text: text)
    }
    let name = String(text[..<colon])
    do {
      return (name, try override(String(text[text.index(after: colon)...]), in: name, &renamings))
    } catch RecipeError.malformedSettings {
      throw RecipeError.malformedOverride(text: text)
    }
  }

  /// Reads "prune=0.3,weight-bits=4"; `place` stands before a setting's key in errors.
  /// - Throws: `RecipeError.malformedSettings`, or what is wrong with a key or value.
  package func override(
    _ text: String, in place: String, _ renamings: inout Renamings
  ) throws -> LayerOverride {
    var override = LayerOverride()
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
      guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
        throw RecipeError.malformedSettings(text: text, place: place)
      }
      let setting = try setting(sides[0], in: place, &renamings)
      try set(
        setting, to: SettingValue(sides[1]), in: &override, key: "\(place): \(sides[0])", &renamings)
    }
    return override
  }

  private func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
