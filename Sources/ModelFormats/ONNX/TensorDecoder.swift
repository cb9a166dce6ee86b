import Foundation
import TensorCore

/// Turns stored tensors of every form (raw, typed, external, sparse) into tensors.
struct TensorDecoder {
  let file: String
  let external: ExternalData
  /// Bytes that sparse tensors of the file may still be filled up to.
  let sparse: SparseBudget

  /// - Parameter label: what to call the tensor in messages.
  /// - Throws: `FormatError.invalidTensor`, `.unsupportedDataType`, `.externalData`.
  func tensor(_ proto: ONNXTensorProto, label: String) throws -> Tensor {
    guard let type = ElementType.dataType(proto.dataType) else {
      throw FormatError.unsupportedDataType(
        file: file, value: label, type: ElementType.name(proto.dataType))
    }
    let shape = try shape(proto.dims, label: label)
    if type == .string { return try strings(proto, shape: shape, label: label) }
    let isPacked = type.storedBits < 8
    let byteCount = type.storedByteCount(shape.count)

    if proto.dataLocation == .external {
      let storage = try external.storage(
        of: proto, label: label, byteCount: byteCount, alignment: type.byteCount)
      if isPacked {
        return try PackedElements.unpacked(storage.bytes, owner: storage, shape: shape, type: type)
      }
      return try normalized(Tensor(shape: shape, dataType: type, storage: storage))
    }
    if proto.rawData.isEmpty {
      return try TypedElements(file: file, label: label, shape: shape, type: type).tensor(proto)
    }
    guard proto.rawData.count == byteCount else {
      throw FormatError.invalidTensor(
        file: file, tensor: label, expected: "\(byteCount) bytes for its shape \(shape)",
        found: "\(proto.rawData.count)")
    }
    if isPacked {
      return try proto.rawData.withUnsafeBytes {
        try PackedElements.unpacked($0, owner: nil, shape: shape, type: type)
      }
    }
    let storage = TensorStorage(byteCount: byteCount) { target in
      proto.rawData.withUnsafeBytes { target.copyMemory(from: $0) }
    }
    return try normalized(Tensor(shape: shape, dataType: type, storage: storage))
  }

  /// A sparse tensor with its zeros filled in.
  func tensor(_ proto: ONNXSparseTensorProto, label: String) throws -> Tensor {
    let shape = try shape(proto.dims, label: label)
    let values = try tensor(proto.values, label: label)
    let indices = try tensor(proto.indices, label: label + " (indices)")
    func refusal(_ expected: String, _ found: String) -> FormatError {
      .invalidTensor(file: file, tensor: label, expected: expected, found: found)
    }
    guard values.dataType != .string else { throw refusal("numbers", "texts") }
    guard values.shape.rank == 1 else { throw refusal("a list of values", "values of shape \(values.shape)") }
    let stored = values.count
    let isLinear = indices.shape.dimensions == [stored]
    guard indices.dataType == .int64, isLinear || indices.shape.dimensions == [stored, shape.rank] else {
      throw refusal("int64 indices of shape [\(stored)] or [\(stored), \(shape.rank)]", "\(indices.shape)")
    }
    guard sparse.take(shape.count * values.dataType.byteCount) else {
      throw refusal("a dense size in proportion to the file", "the shape \(shape) for \(stored) values")
    }

    let places = indices.integers
    let strides = shape.strides
    let size = values.dataType.byteCount
    let storage = try TensorStorage(byteCount: shape.count * size) { target in
      for index in 0..<stored {
        var place = 0
        if isLinear {
          place = places[index]
        } else {
          for axis in 0..<shape.rank {
            let coordinate = places[index * shape.rank + axis]
            guard coordinate >= 0, coordinate < shape[axis] else {
              throw refusal("indices inside \(shape)", "\(coordinate) on axis \(axis)")
            }
            place += coordinate * strides[axis]
          }
        }
        guard place >= 0, place < shape.count else {
          throw refusal("indices below \(shape.count)", "\(place)")
        }
        let source = UnsafeRawBufferPointer(rebasing: values.bytes[index * size..<(index + 1) * size])
        UnsafeMutableRawBufferPointer(rebasing: target[place * size..<(place + 1) * size]).copyMemory(
          from: source)
      }
    }
    return try Tensor(shape: shape, dataType: values.dataType, storage: storage)
  }

  private func shape(_ dims: [Int64], label: String) throws -> Shape {
    do {
      return try Shape(dims.map { Int($0) })
    } catch {
      throw FormatError.invalidTensor(
        file: file, tensor: label, expected: "dimensions that fit into memory", found: "\(dims.prefix(16))")
    }
  }

  private func strings(_ proto: ONNXTensorProto, shape: Shape, label: String) throws -> Tensor {
    guard proto.dataLocation != .external, proto.stringData.count == shape.count else {
      throw FormatError.invalidTensor(
        file: file, tensor: label, expected: "\(shape.count) texts for its shape \(shape)",
        found: "\(proto.stringData.count)")
    }
    return try Tensor(shape: shape, strings: proto.stringData.map { String(decoding: $0, as: UTF8.self) })
  }

  /// Booleans may be stored as any nonzero byte; in memory they are 0 and 1.
  private func normalized(_ tensor: Tensor) -> Tensor {
    guard tensor.dataType == .bool, tensor.bytes.contains(where: { $0 > 1 }) else { return tensor }
    return Tensor(shape: tensor.shape, of: Bool.self) { values in
      for index in values.indices { values[index] = tensor.bytes[index] != 0 }
    }
  }
}

/// What the sparse tensors of a file may take when their zeros are filled in: 1024 times its size and 4 MB more, so
/// that a few bytes cannot claim all memory.
final class SparseBudget {
  private var left: Int

  init(fileSize: Int) { left = (1 << 22) + fileSize * 1024 }

  /// Whether there was as much.
  func take(_ bytes: Int) -> Bool {
    guard bytes <= left else { return false }
    left -= bytes
    return true
  }
}
