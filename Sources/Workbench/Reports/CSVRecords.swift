import TerminalUI

/// The records of a CSV text as RFC 4180 has them: fields with commas, quotes or line ends stand in quotes, a quote in
/// them is doubled. Lines end in LF or CRLF.
package struct CSVRecords {
  struct Record {
    var fields: [String]
    /// The line that it begins in, from 1.
    var line: Int
    /// Offset of the first byte after its line end.
    var end: Int
  }

  /// Records that a line end closes.
  private(set) var whole: [Record] = []
  /// What follows the last of them; nil where nothing does.
  private(set) var rest: Record?
  /// Whether `rest` ends within quotes.
  private(set) var isOpen = false

  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")
  private static let feed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// Complexity: O(n).
  init(_ bytes: some RandomAccessCollection<UInt8>) {
    let bytes = Array(bytes)
    var fields: [String] = []
    var field: [UInt8] = []
    var (line, start, index) = (1, 1, 0)
    func closeField() {
      fields.append(String(decoding: field, as: UTF8.self))
      field = []
    }
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == Self.feed { line += 1 }
      switch byte {
      case Self.quote where isOpen:
        if index < bytes.count, bytes[index] == Self.quote {
          field.append(byte)
          index += 1
        } else {
          isOpen = false
        }
      case _ where isOpen: field.append(byte)
      case Self.quote where field.isEmpty: isOpen = true
      case Self.comma: closeField()
      case Self.carriageReturn where index < bytes.count && bytes[index] == Self.feed: continue
      case Self.feed:
        closeField()
        whole.append(Record(fields: fields, line: start, end: index))
        fields = []
        start = line
      default: field.append(byte)
      }
    }
    if index > (whole.last?.end ?? 0) {
      closeField()
      rest = Record(fields: fields, line: start, end: index)
    }
  }

  /// A field as it is written. A text that a spreadsheet would run as a formula gets an apostrophe before it; control
  /// characters are written out.
  package static func written(_ text: String) -> String {
    let text = harmless(text.inOneLine)
    let isPlain = text.utf8.allSatisfy {
      $0 != comma && $0 != quote && $0 != feed && $0 != carriageReturn
    }
    return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// A field of a row as it was before `written` made it harmless.
  static func read(_ field: String) -> String {
    let rest = String(field.dropFirst())
    return field.first == "'" && harmless(rest) == field ? rest : field
  }

  private static func harmless(_ text: String) -> String {
    guard let first = text.first, "=+-@'".contains(first), Double(text) == nil else { return text }
    return "'" + text
  }
}
