import Foundation

/// Names of files are bytes, and texts are Unicode: a byte that is no UTF-8 stands in a path as one of the private
/// characters U+F780 to U+F7FF, and is itself again where the system is asked.
package enum PathBytes {
  private static let private8: ClosedRange<UInt32> = 0xF780...0xF7FF
  private static let base: UInt32 = 0xF700

  /// The path that some bytes are, whatever they are.
  package static func path(_ bytes: some Collection<UInt8>) -> String {
    let bytes = Array(bytes)
    var text = String.UnicodeScalarView()
    func append(raw: Range<Int>) {
      for byte in bytes[raw] {
        if let scalar = Unicode.Scalar(byte < 0x80 ? UInt32(byte) : base + UInt32(byte)) {
          text.append(scalar)
        }
      }
    }
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var index = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        // Such characters in a name are told from bytes by being written as bytes themselves.
        if private8.contains(scalar.value) {
          append(raw: index..<index + encoded.count)
        } else {
          text.append(scalar)
        }
        index += encoded.count
      case .error(let length):
        append(raw: index..<index + length)
        index += length
      case .emptyInput: return String(text)
      }
    }
  }

  /// The bytes that a path stands for, and a zero behind them.
  static func bytes(of path: String) -> [CChar] {
    var bytes: [UInt8] = []
    for scalar in path.unicodeScalars {
      if private8.contains(scalar.value) {
        bytes.append(UInt8(scalar.value - base))
      } else {
        bytes += Unicode.UTF8.encode(scalar).map { Array($0) } ?? []
      }
    }
    return (bytes + [0]).map { CChar(bitPattern: $0) }
  }

  /// A descriptor as `open(2)` gives it.
  static func open(_ path: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 {
    Foundation.open(bytes(of: path), flags, mode)
  }

  /// What stands under a path; nil where nothing does.
  package static func status(_ path: String) -> stat? {
    var status = stat()
    return stat(bytes(of: path), &status) == 0 ? status : nil
  }

  package static func exists(_ path: String) -> Bool { status(path) != nil }

  /// Removes a file, where there is one.
  package static func remove(_ path: String) { unlink(bytes(of: path)) }

  /// A file to be read from its start.
  /// - Throws: `FormatError.unreadable`.
  package static func reader(_ path: String) throws -> FileHandle {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FormatError.unreadable(file: path, reason: SystemError.sentence(errno))
    }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// The names in a folder but its own and its parent's; nil where they cannot be listed.
  static func names(in folder: String) -> [String]? {
    guard let listing = opendir(bytes(of: folder)) else { return nil }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { path($0.prefix { $0 != 0 }) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
