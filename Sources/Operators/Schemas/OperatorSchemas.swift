import GraphIR
import TensorCore

/// The versions of every operator that ONNX declares, of `ai.onnx` and `ai.onnx.ml`.
package struct OperatorSchemas: Sendable {
  /// What an operator set says of a kind.
  package enum Entry: Sendable {
    case schema(OperatorSchema)
    /// The set has it no more.
    case removed
    /// No set up to this one has it.
    case missing
    /// Of a domain that is not ONNX's own.
    case foreign
  }

  /// By kind, the newest first; a version without a schema is where the operator ends.
  private let versions: [OperatorKind: [(since: Int, schema: OperatorSchema?)]]

  package static let standard = OperatorSchemas(table: table, typeSets: typeSets)

  static let domains: Set<String> = ["", "ai.onnx.ml"]

  /// Operators that were experimental up to set 9, of which nothing is declared any more.
  static let experimental: Set<OperatorKind> = [
    "Affine", "Crop", "ImageScaler", "ParametricSoftplus", "Scale", "ScaledTanh",
  ]

  /// What the operator set `opset` of the kind's domain says of it.
  package func entry(_ kind: OperatorKind, opset: Int) -> Entry {
    guard OperatorSchemas.domains.contains(kind.domain) else { return .foreign }
    if OperatorSchemas.experimental.contains(kind) { return opset < 10 ? .foreign : .removed }
    guard let found = versions[kind]?.first(where: { $0.since <= opset }) else { return .missing }
    return found.schema.map { .schema($0) } ?? .removed
  }

  /// The operator sets behind `opset` in which the kind has another form, in order.
  package func changes(of kind: OperatorKind, after opset: Int) -> [Int] {
    (versions[kind] ?? []).map(\.since).filter { $0 > opset }.reversed()
  }

  // MARK: - The table

  private static let letters: [Character: DataType] = [
    "f": .float32, "h": .float16, "b": .bfloat16, "d": .float64, "c": .int8, "C": .uint8, "s": .int16,
    "S": .uint16, "i": .int32, "I": .uint32, "l": .int64, "L": .uint64, "?": .bool, "t": .string, "n": .int4,
    "N": .uint4, "m": .int2, "M": .uint2, "1": .float8e4m3fn, "2": .float8e4m3fnuz, "3": .float8e5m2,
    "4": .float8e5m2fnuz, "5": .float8e8m0, "6": .float4e2m1,
  ]

  init(table: String, typeSets: String) {
    let sets = typeSets.split(separator: "\n").map { OperatorSchemas.kinds($0) }
    var versions: [OperatorKind: [(since: Int, schema: OperatorSchema?)]] = [:]
    for line in table.split(separator: "\n") {
      let fields = line.split(separator: "|", omittingEmptySubsequences: false)
      guard fields.count >= 3, let since = Int(fields[1]) else { continue }
      var kind = OperatorKind(String(fields[0]))
      if let dot = fields[0].lastIndex(of: ".") {
        kind = OperatorKind(
          String(fields[0][fields[0].index(after: dot)...]), domain: String(fields[0][..<dot]))
      }
      let schema = fields.count == 6 ? OperatorSchemas.schema(since, fields, sets) : nil
      versions[kind, default: []].insert((since, schema), at: 0)
    }
    self.versions = versions
  }

  private static func schema(
    _ since: Int, _ fields: [Substring], _ sets: [Set<ValueKind>]
  ) -> OperatorSchema {
    var constraints: [Substring: Set<ValueKind>] = [:]
    for constraint in fields[4].split(separator: " ") {
      let parts = constraint.split(separator: ":")
      if parts.count == 2, let number = Int(parts[1]), sets.indices.contains(number) {
        constraints[parts[0]] = sets[number]
      }
    }
    var attributes: [String: OperatorSchema.AttributeForm] = [:]
    for attribute in fields[5].split(separator: " ") {
      let parts = attribute.split(separator: ":")
      guard parts.count == 2, let type = parts[1].first else { continue }
      let isRequired = parts[0].hasSuffix("!")
      attributes[String(isRequired ? parts[0].dropLast() : parts[0])] = OperatorSchema.AttributeForm(
        type: type, isRequired: isRequired)
    }
    return OperatorSchema(
      since: since, inputs: parameters(fields[2], constraints), outputs: parameters(fields[3], constraints),
      attributes: attributes)
  }

  private static func parameters(
    _ text: Substring, _ constraints: [Substring: Set<ValueKind>]
  ) -> [OperatorSchema.Parameter] {
    text.split(separator: " ").map { parameter in
      var name = parameter
      var presence = OperatorSchema.Parameter.Presence.required
      // The first place after the type's own mark, since "?" is also how a set writes Booleans.
      let body = name.hasPrefix("=") ? name.dropFirst(2) : name
      if let star = body.firstIndex(of: "*") {
        let rest = body[body.index(after: star)...]
        presence = .variadic(
          minimum: Int(rest.drop { $0 == "~" }) ?? 0, isHomogeneous: !rest.hasPrefix("~"))
        name = name[..<star]
      } else if body.last == "?" {
        presence = .optional
        name = name.dropLast()
      }
      return name.hasPrefix("=")
        ? OperatorSchema.Parameter(variable: nil, kinds: kinds(name.dropFirst()), presence: presence)
        : OperatorSchema.Parameter(
          variable: String(name), kinds: constraints[name] ?? [], presence: presence)
    }
  }

  /// Types in a row: letters, each behind the marks of what the tensor stands in.
  private static func kinds(_ text: Substring) -> Set<ValueKind> {
    var result: Set<ValueKind> = []
    var wrapping: [ValueWrapping] = []
    for mark in text {
      switch mark {
      case "[": wrapping.append(.sequence)
      case "{": wrapping.append(.optional)
      default:
        if let type = letters[mark] { result.insert(ValueKind(type, wrapping: wrapping)) }
        wrapping = []
      }
    }
    return result
  }
}
