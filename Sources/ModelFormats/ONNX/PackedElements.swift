import TensorCore

/// Elements narrower than a byte: several to a byte in files, the first in the lowest bits; one to a byte in memory.
enum PackedElements {
  /// Signed integers are sign-extended, all others zero-extended.
  /// - Parameter owner: what keeps `bytes` alive.
  static func unpacked(
    _ bytes: UnsafeRawBufferPointer, owner: TensorStorage?, shape: Shape, type: DataType
  ) throws -> Tensor {
    let width = type.storedBits
    let perByte = 8 / width
    let mask = UInt8((1 << width) - 1)
    let isSigned = type == .int4 || type == .int2
    let unused = UInt8(8 - width)
    let storage = withExtendedLifetime(owner) {
      TensorStorage(byteCount: shape.count) { target in
        for index in 0..<shape.count {
          let code = (bytes[index / perByte] >> UInt8(index % perByte * width)) & mask
          target[index] =
            isSigned ? UInt8(bitPattern: Int8(bitPattern: code << unused) >> Int8(unused)) : code
        }
      }
    }
    return try Tensor(shape: shape, dataType: type, storage: storage)
  }

  /// The bytes of a file for elements that take a byte each in memory.
  static func packed(_ elements: UnsafeRawBufferPointer, width: Int) -> [UInt8] {
    let perByte = 8 / width
    let mask = UInt8((1 << width) - 1)
    var bytes = [UInt8](repeating: 0, count: (elements.count + perByte - 1) / perByte)
    for index in elements.indices {
      bytes[index / perByte] |= (elements[index] & mask) << UInt8(index % perByte * width)
    }
    return bytes
  }
}
