import CZlib
import Foundation
import TensorCore

extension NPZ {
  /// - Throws: `FormatError.unwritable`, `.diskFull`, `.tooLarge`, or `.invalidArray` for bfloat16.
  package static func write(_ arrays: [String: Tensor], to path: String) throws {
    try AtomicFile.write(bytes(arrays, file: path), to: path)
  }

  /// Deflated entries in the order of their names, without times: equal arrays are equal bytes.
  package static func bytes(_ arrays: [String: Tensor], file: String = "the archive") throws -> Data {
    var archive = Data()
    var directory = Data()
    for (name, tensor) in arrays.sorted(by: { $0.key < $1.key }) {
      let content = try NPY.bytes(tensor)
      let (checksum, packed) = content.withUnsafeBytes { bytes in
        (
          crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count),
          Deflater.deflated(bytes)
        )
      }
      let entryName = Array("\(name).npy".utf8)
      guard archive.count + packed.count < Int(UInt32.max), content.count < Int(UInt32.max),
        entryName.count < Int(UInt16.max)
      else {
        throw FormatError.tooLarge(
          file: file, part: "array \(name)", bytes: content.count, limit: Int(UInt32.max),
          wayOut: "write fewer samples")
      }
      // Version 2.0, names in UTF-8, deflate, 1 January 1980: the fields both headers share.
      var common = Data()
      common.append(numbers: [20, 0x800, 8, 0, 0x21] as [UInt16])
      common.append(numbers: [UInt32(checksum), UInt32(packed.count), UInt32(content.count)])
      common.append(numbers: [UInt16(entryName.count), 0] as [UInt16])

      directory.append(numbers: [0x0201_4B50] as [UInt32])
      directory.append(numbers: [20] as [UInt16])
      directory.append(common)
      directory.append(numbers: [0, 0, 0, 0, 0] as [UInt16])
      directory.append(numbers: [UInt32(archive.count)])
      directory.append(contentsOf: entryName)

      archive.append(numbers: [0x0403_4B50] as [UInt32])
      archive.append(common)
      archive.append(contentsOf: entryName)
      archive.append(packed)
    }
    let count = UInt16(clamping: arrays.count)
    let start = UInt32(clamping: archive.count)
    archive.append(directory)
    archive.append(numbers: [0x0605_4B50] as [UInt32])
    archive.append(numbers: [0, 0, count, count] as [UInt16])
    archive.append(numbers: [UInt32(directory.count), start])
    archive.append(numbers: [0] as [UInt16])
    return archive
  }
}

extension Data {
  mutating func append<Value: FixedWidthInteger>(numbers: [Value]) {
    for number in numbers { Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) } }
  }
}
