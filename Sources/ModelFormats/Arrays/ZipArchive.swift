import CZlib
import Foundation

/// The directory of a zip file (APPNOTE.TXT 6.3.10), stored and deflated entries, zip64 included; encrypted
/// ones refused.
struct ZipArchive {
  struct Entry {
    let name: String
    let method: UInt16
    let checksum: UInt32
    let size: Int
    /// Where the entry's own bytes lie in the file.
    let range: Range<Int>
  }

  let file: String
  let data: Data
  let entries: [Entry]

  /// - Throws: `FormatError.truncated` or `.invalidArchive`.
  init(_ data: Data, file: String) throws {
    self.file = file
    self.data = data
    entries = try data.withUnsafeBytes { try Directory(bytes: ByteReader($0), file: file).entries() }
  }

  /// Decompresses an entry as it is asked for, and verifies size and checksum at the end.
  func withReader<Result>(of entry: Entry, _ body: (inout EntryReader) throws -> Result) throws -> Result {
    try data.withUnsafeBytes { bytes in
      do {
        let stored = UnsafeRawBufferPointer(rebasing: bytes[entry.range])
        var reader = try EntryReader(
          stored: stored, inflater: entry.method == 0 ? nil : Inflater(stored, container: .raw))
        let result = try body(&reader)
        try reader.finish(entry)
        return result
      } catch let failure as Inflater.Failure {
        throw FormatError.invalidArchive(file: file, entry: entry.name, reason: failure.reason)
      }
    }
  }

  struct EntryReader {
    private let stored: UnsafeRawBufferPointer
    private let inflater: Inflater?
    private var position = 0
    private var checksum: UInt = 0

    fileprivate init(stored: UnsafeRawBufferPointer, inflater: Inflater?) {
      self.stored = stored
      self.inflater = inflater
    }

    /// Fills all of `target` or throws.
    mutating func read(into target: UnsafeMutableRawBufferPointer) throws {
      if let inflater {
        guard try inflater.read(into: target) == target.count else {
          throw Inflater.Failure(reason: "it ends early")
        }
      } else {
        guard target.count <= stored.count - position else { throw Inflater.Failure(reason: "it ends early") }
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: stored[position..<position + target.count]))
      }
      position += target.count
      checksum = crc32_z(checksum, target.baseAddress?.assumingMemoryBound(to: UInt8.self), target.count)
    }

    fileprivate func finish(_ entry: Entry) throws {
      try inflater?.finish()
      guard position == entry.size else {
        throw Inflater.Failure(reason: "it has \(entry.size) bytes where \(position) are expected")
      }
      guard checksum == UInt(entry.checksum) else { throw Inflater.Failure(reason: "its checksum is wrong") }
    }
  }
}

/// Finds and reads the central directory.
private struct Directory {
  let bytes: ByteReader
  let file: String

  func entries() throws -> [ZipArchive.Entry] {
    guard bytes.count >= 22, let end = endRecord() else {
      throw FormatError.truncated(file: file, part: "the archive, before its directory")
    }
    var count = Int(try number(UInt16.self, end + 10))
    var offset = Int(try number(UInt32.self, end + 16))
    // Zip64 keeps the true numbers in a record of its own, named by a locator just before the end record.
    if end >= 20, try number(UInt32.self, end - 20) == 0x0706_4B50 {
      let record = try place(end - 20 + 8)
      guard try number(UInt32.self, record) == 0x0606_4B50 else {
        throw damaged("directory", "no zip64 record")
      }
      count = try place(record + 32)
      offset = try place(record + 48)
    }

    var entries: [ZipArchive.Entry] = []
    for _ in 0..<count {
      let (entry, next) = try entry(at: offset)
      if let entry { entries.append(entry) }
      offset = next
    }
    // Entries that share their bytes could make any number of arrays of them.
    guard entries.reduce(0, { $0 + $1.range.count }) <= bytes.count else {
      throw damaged("directory", "its entries overlap")
    }
    return entries
  }

  /// The end record stands last, but for a comment of at most 64 KiB.
  private func endRecord() -> Int? {
    var position = bytes.count - 22
    let lowest = max(0, position - 0xFFFF)
    while position >= lowest {
      if bytes.number(UInt32.self, at: position) == 0x0605_4B50 { return position }
      position -= 1
    }
    return nil
  }

  /// The entry (nil for a folder) whose directory record starts at `offset`, and where the next record
  /// starts.
  private func entry(at offset: Int) throws -> (ZipArchive.Entry?, next: Int) {
    guard try number(UInt32.self, offset) == 0x0201_4B50 else {
      throw damaged("directory", "a record is missing")
    }
    let flags = try number(UInt16.self, offset + 8)
    let method = try number(UInt16.self, offset + 10)
    let checksum = try number(UInt32.self, offset + 16)
    var stored = Int(try number(UInt32.self, offset + 20))
    var size = Int(try number(UInt32.self, offset + 24))
    let nameLength = Int(try number(UInt16.self, offset + 28))
    let extraLength = Int(try number(UInt16.self, offset + 30))
    let commentLength = Int(try number(UInt16.self, offset + 32))
    var local = Int(try number(UInt32.self, offset + 42))
    guard let nameBytes = bytes.slice(offset + 46, nameLength) else {
      throw damaged("directory", "a name is cut off")
    }
    let name = String(decoding: nameBytes, as: UTF8.self)

    var extra = offset + 46 + nameLength
    let extraEnd = extra + extraLength
    while extra + 4 <= extraEnd {
      let length = Int(try number(UInt16.self, extra + 2))
      if try number(UInt16.self, extra) == 1 {
        // Only those fields are there whose 32-bit place is filled with ones, in this order.
        var field = extra + 4
        for keyPath in 0..<3 {
          let current = [size, stored, local][keyPath]
          guard current == 0xFFFF_FFFF else { continue }
          guard field + 8 <= extra + 4 + length else { throw damaged(name, "its zip64 sizes are cut off") }
          let value = try place(field, limited: keyPath != 0)
          switch keyPath {
          case 0: size = value
          case 1: stored = value
          default: local = value
          }
          field += 8
        }
      }
      extra += 4 + length
    }
    let next = extraEnd + commentLength
    if name.hasSuffix("/") { return (nil, next) }

    guard flags & 1 == 0 else { throw damaged(name, "it is encrypted") }
    guard method == 0 || method == 8 else {
      throw damaged(name, "its compression method \(method) is not deflate")
    }
    guard try number(UInt32.self, local) == 0x0403_4B50 else { throw damaged(name, "its header is missing") }
    let start =
      local + 30 + Int(try number(UInt16.self, local + 26)) + Int(try number(UInt16.self, local + 28))
    guard start <= bytes.count, stored <= bytes.count - start else { throw damaged(name, "it is cut off") }
    guard method == 8 || stored == size else { throw damaged(name, "its two sizes differ") }
    // Deflate cannot reach a higher ratio, so that such a size is a lie.
    guard size / Inflater.maximumRatio <= stored + 64 else { throw damaged(name, "its size is impossible") }
    return (
      ZipArchive.Entry(
        name: name, method: method, checksum: checksum, size: size, range: start..<start + stored), next
    )
  }

  private func number<Value: FixedWidthInteger>(_ type: Value.Type, _ offset: Int) throws -> Value {
    guard let value = bytes.number(type, at: offset) else {
      throw damaged("directory", "it points outside the file")
    }
    return value
  }

  /// A 64-bit number, which must lie inside the file where it is an offset or stored size.
  private func place(_ offset: Int, limited: Bool = true) throws -> Int {
    let value = try number(UInt64.self, offset)
    guard value <= (limited ? UInt64(bytes.count) : UInt64(Int.max / 2)) else {
      throw damaged("directory", "it points outside the file")
    }
    return Int(value)
  }

  private func damaged(_ entry: String, _ reason: String) -> FormatError {
    .invalidArchive(file: file, entry: entry, reason: reason)
  }
}
