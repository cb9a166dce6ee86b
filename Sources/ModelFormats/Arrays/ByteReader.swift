/// Checked little-endian and big-endian numbers out of bytes.
struct ByteReader {
  let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// Nil where the number does not lie wholly inside.
  func number<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int, bigEndian: Bool = false) -> Value?
  {
    guard offset >= 0, offset <= count - MemoryLayout<Value>.size else { return nil }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
    return bigEndian ? Value(bigEndian: value) : Value(littleEndian: value)
  }

  func slice(_ offset: Int, _ length: Int) -> UnsafeRawBufferPointer? {
    guard offset >= 0, length >= 0, offset <= count, length <= count - offset else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
  }
}
