import GraphIR
import TensorCore

/// StringConcat: texts joined in pairs, broadcast.
struct StringConcatOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["StringConcat"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("it reads text") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let (a, b) = (try call.tensor(0, of: [.string]), try call.tensor(1, of: [.string]))
    let shape = try call.site().broadcast([a.shape, b.shape])
    let (left, right) = (a.strings, b.strings)
    let nest = LoopNest(broadcasting: [a.shape, b.shape], to: shape)
    var texts: [String] = []
    texts.reserveCapacity(shape.count)
    nest.forEachRow { offsets in
      for index in 0..<nest.rowCount {
        let at = offsets &+ nest.rowStrides &* index
        texts.append(left[at[0]] + right[at[1]])
      }
    }
    return [.tensor(try Tensor(shape: shape, strings: texts))]
  }
}

/// StringSplit: parts of each text and their number; rows are padded with empty texts to the longest. Without a delimiter
/// runs of white space separate; `maxsplit` bounds the cuts.
struct StringSplitOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["StringSplit"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("it reads text") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let input = try call.tensor(0, of: [.string])
    let delimiter = call.node.string("delimiter") ?? ""
    let limit = call.node.int("maxsplit") ?? Int.max
    let rows = input.strings.map { Self.parts($0, delimiter, cuts: limit) }
    let width = rows.map(\.count).max() ?? 0
    let shape = try call.site().shape(input.shape.dimensions + [width])
    let texts = rows.flatMap { $0 + [String](repeating: "", count: width - $0.count) }
    return [
      .tensor(try Tensor(shape: shape, strings: texts)),
      .tensor(try Tensor(shape: input.shape, rows.map { Int64($0.count) })),
    ]
  }

  private static func parts(_ text: String, _ delimiter: String, cuts: Int) -> [String] {
    let cuts = cuts < 0 ? Int.max : cuts
    if delimiter.isEmpty {
      let parts = text.split(maxSplits: cuts, omittingEmptySubsequences: true) { $0.isWhitespace }
      // What is left uncut keeps its inner white space, but not that around it.
      return parts.map { part in
        var part = part
        while part.last?.isWhitespace == true { part.removeLast() }
        return String(part.drop { $0.isWhitespace })
      }.filter { !$0.isEmpty }
    }
    if text.isEmpty { return [] }
    var (parts, rest) = ([String](), Substring(text))
    while parts.count < cuts, let range = rest.firstRange(of: delimiter) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}

/// StringNormalizer: stop words dropped and case changed, of texts [C] or [1, C]; a single empty text where none is left.
struct StringNormalizerOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["StringNormalizer"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("it reads text") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let input = try call.tensor(0, of: [.string])
    let isRow = input.shape.rank == 2 && input.shape[0] == 1
    guard input.shape.rank == 1 || isRow else { throw call.inputError(0, expected: "texts [C] or [1, C]") }
    let site = OperatorSite(node: call.node, opset: call.opset, inputs: [], constants: [])
    let action = try site.string(
      "case_change_action", default: "NONE", choices: ["LOWER", "UPPER", "NONE"])
    let isSensitive = try site.flag("is_case_sensitive")
    var stopwords: Set<String> = []
    if case .strings(let words)? = call.node.attributes["stopwords"] {
      stopwords = Set(isSensitive ? words : words.map { $0.lowercased() })
    }
    let kept = input.strings.filter { !stopwords.contains(isSensitive ? $0 : $0.lowercased()) }
    let changed = kept.map { action == "LOWER" ? $0.lowercased() : action == "UPPER" ? $0.uppercased() : $0 }
    let texts = changed.isEmpty ? [""] : changed
    return [
      .tensor(try Tensor(shape: Shape(isRow ? [1, texts.count] : [texts.count]), strings: texts))
    ]
  }
}

/// RegexFullMatch: whether a pattern matches the whole of each text.
///
/// Patterns are Swift's, a superset of RE2's common syntax. Backtracking can take exponential time on
/// hostile patterns, so texts and patterns beyond a size are refused.
struct RegexFullMatchOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["RegexFullMatch"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("it reads text") }

  private static let longestPattern = 4096
  private static let longestText = 1 << 16

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let input = try call.tensor(0, of: [.string])
    let pattern = call.node.string("pattern") ?? ""
    guard pattern.utf8.count <= Self.longestPattern,
      let expression = try? Regex(pattern).wordBoundaryKind(.simple)
    else {
      throw OperatorError.attribute(
        kind: call.node.kind, node: call.node.name, name: "pattern", expected: "a regular expression",
        found: "\"\(pattern.prefix(80))\"")
    }
    let matches = try input.strings.map { text in
      guard text.utf8.count <= Self.longestText else {
        throw call.inputError(0, expected: "texts of at most \(Self.longestText) bytes")
      }
      return try expression.wholeMatch(in: text) != nil
    }
    return [.tensor(try Tensor(shape: input.shape, matches))]
  }
}
