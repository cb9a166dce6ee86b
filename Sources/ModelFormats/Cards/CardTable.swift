import TOMLKit

/// A table of a card whose values are read with errors that name file and key. A missing key is nil, not an
/// error.
struct CardTable {
  let file: String
  /// "task." inside the table of that name.
  private let prefix: String
  private let table: TOMLTable?
  /// A nested table points into the document, which therefore must live as long.
  private let root: TOMLTable

  init(text: String, file: String) throws {
    do {
      root = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw FormatError.invalidCard(
        file: file, key: "line \(error.source.begin.line)", expected: "TOML", found: error.description)
    }
    table = root
    prefix = ""
    self.file = file
  }

  private init(parent: CardTable, key: String, table: TOMLTable?) {
    file = parent.file
    prefix = parent.prefix + key + "."
    root = parent.root
    self.table = table
  }

  /// The nested table, or one without keys where it is missing.
  func table(_ key: String) throws -> CardTable {
    try CardTable(parent: self, key: key, table: value(key, "a table") { $0.table })
  }

  func string(_ key: String) throws -> String? { try value(key, "a string") { $0.string } }

  func string(_ key: String, among choices: [String]) throws -> String? {
    guard let text = try string(key) else { return nil }
    guard choices.contains(text) else {
      throw mismatch(key, "one of \(choices.joined(separator: ", "))", "\"\(text)\"")
    }
    return text
  }

  func integer(_ key: String) throws -> Int? { try value(key, "a whole number") { $0.int } }

  func number(_ key: String) throws -> Float? { try value(key, "a number", CardTable.number) }

  func numbers(_ key: String) throws -> [Float]? { try list(key, "a list of numbers", CardTable.number) }

  func strings(_ key: String) throws -> [String]? { try list(key, "a list of strings") { $0.string } }

  /// All keys with their values in words.
  func texts() throws -> [String: String] {
    guard let table else { return [:] }
    var texts: [String: String] = [:]
    for key in table.keys { texts[key] = table[key].map { $0.string ?? $0.debugDescription } }
    return texts
  }

  func required(_ key: String, _ value: Int?, atLeast lowest: Int) throws -> Int {
    guard let value else { throw mismatch(key, "a whole number", "missing") }
    guard value >= lowest, value <= Int(Int32.max) else {
      throw mismatch(key, "a whole number of at least \(lowest)", "\(value)")
    }
    return value
  }

  private static func number(_ value: any TOMLValueConvertible) -> Float? {
    guard let number = value.double ?? value.int.map({ Double($0) }), number.isFinite else { return nil }
    return Float(number)
  }

  private func list<Element>(
    _ key: String, _ expected: String, _ convert: (any TOMLValueConvertible) -> Element?
  ) throws -> [Element]? {
    guard let array = try value(key, expected, { $0.array }) else { return nil }
    return try (0..<array.count).map { index in
      guard let element = convert(array[index]) else {
        throw mismatch(key, expected, array[index].debugDescription)
      }
      return element
    }
  }

  private func value<Value>(
    _ key: String, _ expected: String, _ convert: (any TOMLValueConvertible) -> Value?
  ) throws -> Value? {
    guard let stored = table?[key] else { return nil }
    guard let value = convert(stored) else { throw mismatch(key, expected, stored.debugDescription) }
    return value
  }

  private func mismatch(_ key: String, _ expected: String, _ found: String) -> FormatError {
    .invalidCard(file: file, key: prefix + key, expected: expected, found: found)
  }
}
