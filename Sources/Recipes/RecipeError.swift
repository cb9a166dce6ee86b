/// What can be wrong with a recipe as it is written.
package enum RecipeError: Error, Equatable, CustomStringConvertible {
  /// The recipe names a layer that the model does not have; `close` are its most similar ones.
  case unknownLayer(name: String, close: [String])
  /// A number outside what its setting takes.
  case outOfRange(key: String, found: String, allowed: String)
  case unknownKey(key: String, table: String, allowed: [String])
  case unknownValue(key: String, found: String, allowed: [String])
  case wrongType(key: String, found: String, expected: String)
  /// One setting is given by its present and by a former name.
  case givenTwice(key: String, former: String)
  /// The recipe's text is not TOML.
  case malformed(line: Int, reason: String)
  /// A layer's settings on the command line are not NAME:key=value,...
  case malformedOverride(text: String)
  /// Settings on the command line are not key=value,...
  case malformedSettings(text: String, place: String)

  package var description: String {
    switch self {
    case .unknownLayer(let name, let close):
      "the model has no layer \"\(name)\""
        + (close.isEmpty ? "; `paretop inspect` lists its layers" : "; did you mean \(quoted(close))?")
    case .outOfRange(let key, let found, let allowed):
      "\(key) is \(found), but it must be \(allowed)"
    case .unknownKey(let key, let table, let allowed):
      "\(table) has no setting \"\(key)\"; the settings are \(allowed.joined(separator: ", "))"
    case .unknownValue(let key, let found, let allowed):
      "\(key) is \"\(found)\", but it must be one of \(quoted(allowed))"
    case .wrongType(let key, let found, let expected):
      "\(key) is \(withArticle(found)), but it must be \(withArticle(expected))"
    case .givenTwice(let key, let former):
      "\(key) is given twice, once by its former name \"\(former)\"; keep one of them"
    case .malformed(let line, let reason):
      "line \(line) of the recipe is not valid TOML: \(reason)"
    case .malformedOverride(let text):
      "\"\(text)\" is not a layer's settings; write NAME:prune=0.3,weight-bits=4,rank=0.5,activation-bits=8"
    case .malformedSettings(let text, let place):
      "\(place) \"\(text)\" is not NAME=VALUE; write such as \(place) weight-bits=4"
    }
  }

  private func withArticle(_ noun: String) -> String {
    (noun.first.map { "aeiou".contains($0) } == true ? "an " : "a ") + noun
  }

  private func quoted(_ names: [String]) -> String {
    names.map { "\"\($0)\"" }.joined(separator: ", ")
  }
}
