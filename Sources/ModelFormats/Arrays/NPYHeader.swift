import TensorCore

/// The header of an npy file (NEP 1, https://numpy.org/neps/nep-0001-npy-format.html): element type, order,
/// shape.
struct NPYHeader: Equatable {
  var dataType: DataType
  var isBigEndian = false
  var isFortranOrder = false
  var shape: Shape

  /// Magic, version and the length of the text that follows; version 1 has a 2-byte length, 2 and 3 a 4-byte
  /// one.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  static let longestText = 1 << 16

  struct Failure: Error {
    let expected: String
    let found: String
  }

  var byteCount: Int { shape.count * dataType.byteCount }

  /// - Parameter text: a Python dictionary literal with the keys descr, fortran_order and shape.
  init(text: some Sequence<UInt8>) throws {
    var literal = PythonLiteral(text)
    let fields = try literal.dictionary()
    guard case .string(let descr)? = fields["descr"] else {
      throw Failure(expected: "a plain element type", found: "a structured one or none")
    }
    guard case .bool(let order)? = fields["fortran_order"], case .tuple(let dimensions)? = fields["shape"]
    else {
      throw Failure(
        expected: "the keys fortran_order and shape", found: fields.keys.sorted().joined(separator: ", "))
    }
    (dataType, isBigEndian) = try NPYHeader.type(descr)
    isFortranOrder = order
    do {
      shape = try Shape(dimensions)
    } catch {
      throw Failure(expected: "a shape that fits into memory", found: "\(dimensions.prefix(16))")
    }
  }

  init(dataType: DataType, shape: Shape) {
    self.dataType = dataType
    self.shape = shape
  }

  private static func type(_ descr: String) throws -> (DataType, Bool) {
    var name = Substring(descr)
    var isBigEndian = false
    if let order = name.first, "<>=|".contains(order) {
      isBigEndian = order == ">"
      name = name.dropFirst()
    }
    guard let type = types.first(where: { $0.1 == name })?.0 ?? (name == "?" ? .bool : nil) else {
      throw Failure(expected: "floats, integers or booleans", found: "the element type \"\(descr)\"")
    }
    return (type, isBigEndian)
  }

  private static let types: [(DataType, String)] = [
    (.float16, "f2"), (.float32, "f4"), (.float64, "f8"), (.int8, "i1"), (.int16, "i2"), (.int32, "i4"),
    (.int64, "i8"), (.uint8, "u1"), (.uint16, "u2"), (.uint32, "u4"), (.uint64, "u8"), (.bool, "b1"),
  ]

  /// Magic, version 1.0 and the padded text, as NumPy writes them. Nil for a type NumPy does not have
  /// (bfloat16).
  var bytes: [UInt8]? {
    guard let name = NPYHeader.types.first(where: { $0.0 == dataType })?.1 else { return nil }
    return NPYHeader.bytes(descr: (dataType.byteCount == 1 ? "|" : "<") + name, shape: shape)
  }

  static func bytes(descr: String, shape: Shape) -> [UInt8] {
    let list = shape.dimensions.map(String.init).joined(separator: ", ") + (shape.rank == 1 ? "," : "")
    var text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(list)), }"
    // The data starts at a multiple of 64.
    let unpadded = NPYHeader.magic.count + 4 + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = UInt16(truncatingIfNeeded: text.utf8.count)
    return NPYHeader.magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(text.utf8)
  }
}

/// Just enough of Python's literals for a header: a dictionary of strings, booleans and tuples of integers.
private struct PythonLiteral {
  enum Value {
    case string(String)
    case bool(Bool)
    case tuple([Int])
  }

  private let text: [UInt8]
  private var position = 0

  init(_ text: some Sequence<UInt8>) { self.text = Array(text) }

  mutating func dictionary() throws -> [String: Value] {
    var fields: [String: Value] = [:]
    try expect("{")
    while peek() != UInt8(ascii: "}") {
      let key = try string()
      try expect(":")
      fields[key] = try value()
      if peek() == UInt8(ascii: ",") { position += 1 } else { break }
    }
    try expect("}")
    return fields
  }

  private mutating func value() throws -> Value {
    switch peek() {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "("): return .tuple(try tuple())
    case UInt8(ascii: "T"):
      try expect("True")
      return .bool(true)
    case UInt8(ascii: "F"):
      try expect("False")
      return .bool(false)
    default: throw failure("a plain value")
    }
  }

  private mutating func string() throws -> String {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw failure("a quoted name")
    }
    position += 1
    let start = position
    while position < text.count, text[position] != quote { position += 1 }
    guard position < text.count else { throw failure("a closing quote") }
    defer { position += 1 }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  private mutating func tuple() throws -> [Int] {
    var numbers: [Int] = []
    try expect("(")
    while let next = peek(), next != UInt8(ascii: ")") {
      guard numbers.count < 64 else { throw failure("at most 64 dimensions") }
      numbers.append(try number())
      if peek() == UInt8(ascii: ",") { position += 1 } else { break }
    }
    try expect(")")
    return numbers
  }

  private mutating func number() throws -> Int {
    _ = peek()
    let start = position
    if position < text.count, text[position] == UInt8(ascii: "-") { position += 1 }
    while position < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) {
      position += 1
    }
    guard let number = Int(String(decoding: text[start..<position], as: UTF8.self)) else {
      throw failure("a dimension")
    }
    // Python 2 wrote long integers with an L.
    if position < text.count, text[position] == UInt8(ascii: "L") { position += 1 }
    return number
  }

  private mutating func peek() -> UInt8? {
    while position < text.count, text[position] == 0x20 || (9...13).contains(text[position]) { position += 1 }
    return position < text.count ? text[position] : nil
  }

  private mutating func expect(_ word: StaticString) throws {
    _ = peek()
    let expected = Array("\(word)".utf8)
    guard text.dropFirst(position).starts(with: expected) else { throw failure("\(word)") }
    position += expected.count
  }

  private func failure(_ expected: String) -> NPYHeader.Failure {
    NPYHeader.Failure(
      expected: "a header with \(expected)",
      found: String(decoding: text.dropFirst(position).prefix(20), as: UTF8.self))
  }
}
