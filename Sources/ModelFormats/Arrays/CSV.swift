import Foundation
import TensorCore

/// Tables of numbers as text: one sample per line, columns separated by commas, semicolons or tabs.
///
/// A first line that holds anything but numbers names the columns. The labels are the column named label,
/// class, target or y; without one, the last column.
package enum CSV {
  /// - Returns: x, float32 [N, columns], and y, int64 [N] (float32 where a label has a fraction); one column
  ///   alone is x.
  /// - Throws: `FormatError.invalidLine` with the number of the line, `.emptyFile`.
  package static func read(bytes: Data, file: String) throws -> [String: Tensor] {
    var table = Table(file: file)
    try bytes.withUnsafeBytes { raw in
      var start = raw.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      var line = 0
      while start < raw.count {
        let rest = UnsafeRawBufferPointer(rebasing: raw[start...])
        let length = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.count
        line += 1
        let isReturn = length > 0 && rest[length - 1] == UInt8(ascii: "\r")
        try table.add(UnsafeRawBufferPointer(rebasing: rest[..<(isReturn ? length - 1 : length)]), line: line)
        start += length + 1
      }
    }
    return try table.arrays()
  }

  static let labelNames: Set<String> = ["label", "labels", "class", "target", "targets", "y"]
}

private struct Table {
  let file: String
  private var separator = UInt8(ascii: ",")
  private var columns = 0
  private var labelColumn: Int?
  private var features: [Float] = []
  private var labels: [Double] = []
  private var rows = 0

  init(file: String) { self.file = file }

  mutating func add(_ content: UnsafeRawBufferPointer, line: Int) throws {
    if content.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return }
    if columns == 0, addFirst(content) { return }

    var column = 0
    var start = 0
    while start <= content.count {
      let rest = UnsafeRawBufferPointer(rebasing: content[start...])
      let length = rest.firstIndex(of: separator) ?? rest.count
      let cell = Table.trimmed(UnsafeRawBufferPointer(rebasing: rest[..<length]))
      if column < columns { try add(cell, column: column, line: line) }
      column += 1
      start += length + 1
    }
    guard column == columns else {
      throw FormatError.invalidLine(
        file: file, line: line, expected: "\(columns) columns", found: "\(column) columns")
    }
    rows += 1
  }

  /// Learns the table's form from its first line.
  /// - Returns: whether the line names the columns.
  private mutating func addFirst(_ content: UnsafeRawBufferPointer) -> Bool {
    separator = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09].first(where: content.contains) ?? separator
    let cells = content.split(separator: separator, omittingEmptySubsequences: false).map {
      String(decoding: Table.trimmed(UnsafeRawBufferPointer(rebasing: $0)), as: UTF8.self)
    }
    columns = cells.count
    labelColumn = columns > 1 ? columns - 1 : nil
    guard cells.contains(where: { !$0.isEmpty && Double($0) == nil }) else { return false }
    labelColumn = cells.firstIndex { CSV.labelNames.contains($0.lowercased()) } ?? labelColumn
    return true
  }

  private mutating func add(_ cell: UnsafeRawBufferPointer, column: Int, line: Int) throws {
    guard let value = DecimalNumber.parse(cell), value.isFinite, Float(value).isFinite else {
      throw FormatError.invalidLine(
        file: file, line: line, expected: "a finite number in column \(column + 1)",
        found: String(decoding: cell, as: UTF8.self))
    }
    if column == labelColumn { labels.append(value) } else { features.append(Float(value)) }
  }

  func arrays() throws -> [String: Tensor] {
    guard rows > 0 else { throw FormatError.emptyFile(file: file) }
    var arrays = ["x": try Tensor(shape: Shape([rows, columns - (labelColumn == nil ? 0 : 1)]), features)]
    if labelColumn != nil {
      let shape = try Shape([rows])
      let whole = labels.compactMap { Int64(exactly: $0) }
      arrays["y"] =
        whole.count == rows
        ? try Tensor(shape: shape, whole) : try Tensor(shape: shape, labels.map { Float($0) })
    }
    return arrays
  }

  /// A cell without the spaces and quotes around it.
  private static func trimmed(_ cell: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var range = cell.startIndex..<cell.endIndex
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    while !range.isEmpty, isSpace(cell[range.lowerBound]) { range = range.dropFirst() }
    while !range.isEmpty, isSpace(cell[range.upperBound - 1]) { range = range.dropLast() }
    let quote = UInt8(ascii: "\"")
    if range.count >= 2, cell[range.lowerBound] == quote, cell[range.upperBound - 1] == quote {
      range = range.dropFirst().dropLast()
    }
    return UnsafeRawBufferPointer(rebasing: cell[range])
  }
}
