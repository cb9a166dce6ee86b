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
    var rest = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    var line = 0
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      line += 1
      var content = rest[rest.startIndex..<end]
      if content.last == UInt8(ascii: "\r") { content = content.dropLast() }
      try table.add(content, line: line)
      rest = rest[end...].dropFirst()
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

  mutating func add(_ content: Data.SubSequence, line: Int) throws {
    if content.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return }
    if columns == 0 {
      separator =
        [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09].first(where: content.contains) ?? UInt8(ascii: ",")
    }
    let cells = content.split(separator: separator, omittingEmptySubsequences: false).map(Table.text)
    if columns == 0 {
      columns = cells.count
      labelColumn = columns > 1 ? columns - 1 : nil
      if cells.contains(where: { !$0.isEmpty && Double($0) == nil }) {
        labelColumn = cells.firstIndex { CSV.labelNames.contains($0.lowercased()) } ?? labelColumn
        return
      }
    }
    guard cells.count == columns else {
      throw FormatError.invalidLine(
        file: file, line: line, expected: "\(columns) columns", found: "\(cells.count) columns")
    }
    for (index, cell) in cells.enumerated() {
      guard let value = Double(cell), value.isFinite, Float(value).isFinite else {
        throw FormatError.invalidLine(
          file: file, line: line, expected: "a finite number in column \(index + 1)", found: cell)
      }
      if index == labelColumn { labels.append(value) } else { features.append(Float(value)) }
    }
    rows += 1
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
  private static func text(_ cell: Data.SubSequence) -> String {
    let text = String(decoding: cell, as: UTF8.self).trimmingCharacters(in: .whitespaces)
    guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
    return String(text.dropFirst().dropLast())
  }
}
