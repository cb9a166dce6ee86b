import Foundation
import TensorCore

/// NumPy's npy format, versions 1 to 3: read in every byte and axis order, written little-endian in C order.
package enum NPY {
  /// - Throws: `FormatError.truncated`, `.invalidArray` or `.unknownArrayFormat`.
  package static func read(bytes: Data, file: String) throws -> Tensor {
    try bytes.withUnsafeBytes { raw in
      var position = 0
      let end = raw.count
      return try read(file: file, array: "npy", size: end) { target in
        guard target.count <= end - position else {
          throw FormatError.truncated(file: file, part: "the array")
        }
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[position..<position + target.count]))
        position += target.count
      }
    }
  }

  /// Texts are written as NumPy's, each as long as the longest.
  /// - Throws: `FormatError.invalidArray` for bfloat16, which NumPy does not have.
  package static func bytes(_ tensor: Tensor) throws -> Data {
    if tensor.dataType == .string { return texts(tensor) }
    guard let header = NPYHeader(dataType: tensor.dataType, shape: tensor.shape).bytes else {
      throw FormatError.invalidArray(
        file: "output", array: "npy", expected: "a type that NumPy has", found: tensor.dataType.rawValue)
    }
    return withExtendedLifetime(tensor.storage) { Data(header) + Data(tensor.bytes) }
  }

  private static func texts(_ tensor: Tensor) -> Data {
    let texts = tensor.strings.map { Array($0.unicodeScalars) }
    let length = max(1, texts.map(\.count).max() ?? 1)
    var data = Data(NPYHeader.bytes(descr: "<U\(length)", shape: tensor.shape))
    for text in texts {
      data.append(numbers: text.map(\.value) + [UInt32](repeating: 0, count: length - text.count))
    }
    return data
  }

  /// Reads an array whose bytes come piece by piece, and allocates only once header and `size` agree.
  /// - Parameter size: bytes of header and data together, as the file or archive declares them.
  static func read(
    file: String, array: String, size: Int, next: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> Tensor {
    let (header, _) = try header(file: file, array: array, size: size, next: next)
    let storage = try TensorStorage(byteCount: header.byteCount) { target in
      try next(target)
      if header.isBigEndian { ByteOrder.swap(target, width: header.dataType.byteCount) }
      // Booleans in memory are 0 and 1, whatever the file holds.
      if header.dataType == .bool {
        for index in target.indices where target[index] > 1 { target[index] = 1 }
      }
    }
    let tensor = try Tensor(shape: header.shape, dataType: header.dataType, storage: storage)
    return header.isFortranOrder ? AxisOrder.fromFortran(tensor) : tensor
  }

  /// A mapped file's array where it lies, so that data larger than the memory is read as it is used; nil where its
  /// elements have to be brought into another order first.
  /// - Throws: as `read`.
  static func mapped(_ mapping: FileMapping, file: String) throws -> Tensor? {
    var position = 0
    let (header, start) = try header(file: file, array: "npy", size: mapping.bytes.count) { target in
      guard target.count <= mapping.bytes.count - position else {
        throw FormatError.truncated(file: file, part: "the array")
      }
      target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: mapping.bytes[position..<position + target.count]))
      position += target.count
    }
    guard !header.isBigEndian, !header.isFortranOrder || header.shape.rank < 2, header.dataType != .bool,
      start % header.dataType.byteCount == 0
    else { return nil }
    return try Tensor(
      shape: header.shape, dataType: header.dataType,
      storage: TensorStorage(bytes: mapping.bytes, owner: mapping), byteOffset: start)
  }

  /// The header of an array whose bytes come piece by piece, and where its elements begin.
  private static func header(
    file: String, array: String, size: Int, next: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> (NPYHeader, start: Int) {
    func bytes(_ count: Int) throws -> [UInt8] {
      var result = [UInt8](repeating: 0, count: count)
      try result.withUnsafeMutableBytes { try next($0) }
      return result
    }
    let start = try bytes(8)
    guard start.starts(with: NPYHeader.magic), (1...3).contains(start[6]) else {
      throw FormatError.invalidArray(
        file: file, array: array, expected: "the npy format, version 1 to 3", found: "other content")
    }
    let lengthBytes = try bytes(start[6] == 1 ? 2 : 4)
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= NPYHeader.longestText else {
      throw FormatError.invalidArray(
        file: file, array: array, expected: "a header of at most \(NPYHeader.longestText) bytes",
        found: "\(length)")
    }
    let header: NPYHeader
    do {
      header = try NPYHeader(text: bytes(length))
    } catch let failure as NPYHeader.Failure {
      throw FormatError.invalidArray(
        file: file, array: array, expected: failure.expected, found: failure.found)
    }
    let firstElement = 8 + lengthBytes.count + length
    guard header.byteCount == size - firstElement else {
      throw FormatError.invalidArray(
        file: file, array: array, expected: "\(header.byteCount) bytes for its shape \(header.shape)",
        found: "\(size - firstElement)")
    }
    return (header, firstElement)
  }
}

enum ByteOrder {
  /// Reverses the bytes of every element.
  static func swap(_ bytes: UnsafeMutableRawBufferPointer, width: Int) {
    guard width > 1 else { return }
    for start in stride(from: 0, to: bytes.count - width + 1, by: width) {
      for index in 0..<width / 2 {
        bytes.swapAt(start + index, start + width - 1 - index)
      }
    }
  }
}

enum AxisOrder {
  /// The elements, stored with the first axis fastest, brought into row-major order.
  static func fromFortran(_ tensor: Tensor) -> Tensor {
    let shape = tensor.shape
    guard shape.rank > 1, tensor.count > 1 else { return tensor }
    var strides = [Int](repeating: 1, count: shape.rank)
    for axis in 1..<shape.rank { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    let width = tensor.dataType.byteCount
    let storage = TensorStorage(byteCount: tensor.byteCount) { target in
      guard let to = target.baseAddress, let from = tensor.bytes.baseAddress else { return }
      var index = [Int](repeating: 0, count: shape.rank)
      var source = 0
      for place in 0..<tensor.count {
        (to + place * width).copyMemory(from: from + source * width, byteCount: width)
        var axis = shape.rank - 1
        while axis >= 0 {
          index[axis] += 1
          source += strides[axis]
          if index[axis] < shape[axis] { break }
          source -= strides[axis] * shape[axis]
          index[axis] = 0
          axis -= 1
        }
      }
    }
    return (try? Tensor(shape: shape, dataType: tensor.dataType, storage: storage)) ?? tensor
  }
}
