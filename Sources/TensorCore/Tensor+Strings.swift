extension Tensor {
  /// A tensor of texts.
  /// - Throws: `TensorError.countMismatch` unless there is exactly one text per place.
  package init(shape: Shape, strings texts: [String]) throws {
    guard texts.count == shape.count else {
      throw TensorError.countMismatch(shape: shape, expected: shape.count, found: texts.count)
    }
    var table = StringTable()
    let indices = texts.map { table.index(of: $0) }
    let storage = TensorStorage(byteCount: shape.count * 8, strings: table.texts) { bytes in
      _ = bytes.bindMemory(to: UInt64.self).update(fromContentsOf: indices)
    }
    try self.init(shape: shape, dataType: .string, storage: storage)
  }

  /// The texts of a string tensor; empty for other types.
  package var strings: [String] {
    guard dataType == .string else { return [] }
    let table = storage.strings
    return withExtendedLifetime(storage) {
      bytes.bindMemory(to: UInt64.self).map { $0 < table.count ? table[Int($0)] : "" }
    }
  }

  /// The same texts as indices into `table`, which takes up those it lacks.
  package func interned(in table: inout StringTable) throws -> Tensor {
    let indices = strings.map { table.index(of: $0) }
    let storage = TensorStorage(byteCount: indices.count * 8, strings: []) { bytes in
      _ = bytes.bindMemory(to: UInt64.self).update(fromContentsOf: indices)
    }
    return try Tensor(shape: shape, dataType: .string, storage: storage)
  }
}

/// Texts by number, each once; number 0 is the empty text, so that zeroed memory is a tensor of empty texts.
///
/// Operators that only move or compare elements work on the numbers as on 64-bit words, provided that all their
/// operands share a table.
package struct StringTable: Sendable {
  package private(set) var texts: [String] = [""]
  private var numbers: [String: UInt64] = ["": 0]

  package init() {}

  package mutating func index(of text: String) -> UInt64 {
    if let number = numbers[text] { return number }
    let number = UInt64(texts.count)
    texts.append(text)
    numbers[text] = number
    return number
  }
}
