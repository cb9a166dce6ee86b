import Foundation
import ModelFormats
import TensorCore
import Testing

@Suite("idx and csv")
struct IDXAndCSVTests {
  @Test("idx of every type, big-endian")
  func idx() throws {
    let cases: [(UInt8, [UInt8], DataType, [Float])] = [
      (0x08, [1, 255], .uint8, [1, 255]), (0x09, [1, 255], .int8, [1, -1]),
      (0x0B, [1, 0, 255, 254], .int16, [256, -2]),
      (0x0C, [0, 0, 1, 0, 255, 255, 255, 255], .int32, [256, -1]),
      (0x0D, [0x3F, 0x80, 0, 0, 0x40, 0, 0, 0], .float32, [1, 2]),
      (0x0E, [0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0], .float64, [1, 2]),
    ]
    for (code, data, type, values) in cases {
      let tensor = try IDX.read(bytes: Data([0, 0, code, 1, 0, 0, 0, 2] + data), file: "f")
      #expect(tensor.dataType == type)
      #expect(tensor.floats == values)
    }
  }

  @Test(
    "hostile idx",
    arguments: [
      [0, 0, 8, 1, 0xFF, 0xFF, 0xFF, 0xFF, 1],
      [0, 0, 8, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
      [0, 0, 7, 1, 0, 0, 0, 1, 1], [0, 0, 8, 255], [0, 0, 8, 1, 0, 0, 0, 1, 1, 2],
    ] as [[UInt8]])
  func hostileIDX(_ bytes: [UInt8]) {
    #expect(throws: FormatError.self) { try IDX.read(bytes: Data(bytes), file: "f") }
  }

  /// gzip of the idx file with the bytes 1, 2, 3.
  private let gzipped = Data(base64Encoded: "H4sIAAAAAAACA2Ng4GBkYGBgZmRiBgCL5b2kCwAAAA==")

  @Test("gzipped idx, and its checksum")
  func gzip() throws {
    let bytes = try #require(gzipped)
    #expect(try IDX.read(bytes: bytes, file: "f").integers == [1, 2, 3])
    var damaged = bytes
    damaged[damaged.count - 6] ^= 1
    #expect(throws: FormatError.self) { try IDX.read(bytes: damaged, file: "f") }
    for count in 2..<bytes.count {
      #expect(throws: FormatError.self) { try IDX.read(bytes: bytes.prefix(count), file: "f") }
    }
  }

  private func csv(_ text: String) throws -> [String: Tensor] {
    try CSV.read(bytes: Data(text.utf8), file: "f")
  }

  @Test("csv without a header: the last column is the label")
  func plainCSV() throws {
    let arrays = try csv("1,2,0\n3,4,1\n")
    #expect(arrays["x"]?.shape == [2, 2])
    #expect(arrays["x"]?.floats == [1, 2, 3, 4])
    #expect(arrays["y"]?.dataType == .int64)
    #expect(arrays["y"]?.integers == [0, 1])
  }

  @Test("csv with a header: the named column is the label, wherever it stands")
  func namedLabel() throws {
    let arrays = try csv("\u{FEFF}Label;\"a\";b\r\n2;1.5;\"-2\"\r\n\r\n3;1e1;0")
    #expect(arrays["x"]?.floats == [1.5, -2, 10, 0])
    #expect(arrays["y"]?.integers == [2, 3])
  }

  @Test("fractions as labels are regression targets; one column has no labels")
  func otherCSV() throws {
    #expect(try csv("1\t0.5\n2\t1\n")["y"]?.dataType == .float32)
    #expect(try csv("1\n2\n")["y"] == nil)
  }

  @Test(
    "a bad line is named by its number",
    arguments: [
      ("1,2\n1\n", 2), ("a,b\n1,2\n\n1,x\n", 4), ("1,2\n3,\n", 2), ("1,nan\n", 1), ("1,1e300\n", 1),
    ])
  func badLine(_ text: String, _ line: Int) {
    guard case .invalidLine(_, line, _, _)? = formatError({ _ = try csv(text) }) else {
      Issue.record("\(text) passed")
      return
    }
  }

  @Test func emptyCSV() { #expect(formatError { _ = try csv("a,b\n") } == .emptyFile(file: "f")) }

  @Test("numbers are read as Swift reads them", arguments: 0..<4)
  func numbers(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let digits = Int.random(in: 1...18, using: &generator)
      var text = String(
        Int.random(in: 0..<1_000_000_000_000_000_000, using: &generator).description.prefix(digits))
      if Bool.random(using: &generator) {
        let place = Int.random(in: 0...text.count, using: &generator)
        text.insert(".", at: text.index(text.startIndex, offsetBy: place))
      }
      if Bool.random(using: &generator) { text = "-" + text }
      if Int.random(in: 0...3, using: &generator) == 0 {
        text += "e\(Int.random(in: -9...9, using: &generator))"
      }
      guard let value = Double(text) else { continue }
      #expect(try csv("0,0\n\(text),1\n")["x"]?.floats == [0, Float(value)], "\(text)")
    }
  }
}
