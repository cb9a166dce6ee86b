import Foundation
import TensorCore

/// Turns stored tensors of every form (raw, typed, external, sparse) into tensors.
struct TensorDecoder {
  let file: String
  let external: ExternalData

  /// - Parameter label: what to call the tensor in messages.
  /// - Throws: `FormatError.invalidTensor`, `.unsupportedDataType`, `.externalData`.
  func tensor(_ proto: ONNXTensorProto, label: String) throws -> Tensor {
    guard let type = ElementType.dataType(proto.dataType) else {
      throw FormatError.unsupportedDataType(
        file: file, value: label, type: ElementType.name(proto.dataType))
    }
    let shape = try shape(proto.dims, label: label)
    let isPacked = proto.dataType == ElementType.int4 || proto.dataType == ElementType.uint4
    let byteCount = isPacked ? (shape.count + 1) / 2 : shape.count * type.byteCount

    if proto.dataLocation == .external {
      let region = try external.region(of: proto, label: label, byteCount: byteCount)
      let storage = try TensorStorage(byteCount: byteCount) {
        try region.source.read(into: $0, at: region.offset, part: "tensor \(label)")
      }
      if isPacked { return unpacked(storage.bytes, owner: storage, shape: shape, type: type) }
      return try normalized(Tensor(shape: shape, dataType: type, storage: storage))
    }
    if proto.rawData.isEmpty {
      return try typed(proto, type: type, isPacked: isPacked, shape: shape, label: label)
    }
    guard proto.rawData.count == byteCount else {
      throw FormatError.invalidTensor(
        file: file, tensor: label, expected: "\(byteCount) bytes for its shape \(shape)",
        found: "\(proto.rawData.count)")
    }
    if isPacked {
      return proto.rawData.withUnsafeBytes { unpacked($0, owner: nil, shape: shape, type: type) }
    }
    let storage = TensorStorage(byteCount: byteCount) { target in
      proto.rawData.withUnsafeBytes { target.copyMemory(from: $0) }
    }
    return try normalized(Tensor(shape: shape, dataType: type, storage: storage))
  }

  /// A sparse tensor with its zeros filled in. At most 1024 zeros per stored value (and a million more) are
  /// accepted, so that a few bytes cannot claim all memory.
  func tensor(_ proto: ONNXSparseTensorProto, label: String) throws -> Tensor {
    let shape = try shape(proto.dims, label: label)
    let values = try tensor(proto.values, label: label)
    let indices = try tensor(proto.indices, label: label + " (indices)")
    func refusal(_ expected: String, _ found: String) -> FormatError {
      .invalidTensor(file: file, tensor: label, expected: expected, found: found)
    }
    guard values.shape.rank == 1 else { throw refusal("a list of values", "values of shape \(values.shape)") }
    let stored = values.count
    let isLinear = indices.shape.dimensions == [stored]
    guard indices.dataType == .int64, isLinear || indices.shape.dimensions == [stored, shape.rank] else {
      throw refusal("int64 indices of shape [\(stored)] or [\(stored), \(shape.rank)]", "\(indices.shape)")
    }
    guard shape.count <= (1 << 20) + stored * 1024 else {
      throw refusal("a dense size in proportion to its \(stored) values", "the shape \(shape)")
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

  /// Booleans may be stored as any nonzero byte; in memory they are 0 and 1.
  private func normalized(_ tensor: Tensor) -> Tensor {
    guard tensor.dataType == .bool, tensor.bytes.contains(where: { $0 > 1 }) else { return tensor }
    return Tensor(shape: tensor.shape, of: Bool.self) { values in
      for index in values.indices { values[index] = tensor.bytes[index] != 0 }
    }
  }

  /// Two elements per byte, the first in the low half.
  private func unpacked(
    _ bytes: UnsafeRawBufferPointer, owner: TensorStorage?, shape: Shape, type: DataType
  ) -> Tensor {
    func half(_ index: Int) -> UInt8 { index % 2 == 0 ? bytes[index / 2] & 15 : bytes[index / 2] >> 4 }
    return withExtendedLifetime(owner) {
      type == .uint8
        ? Tensor(shape: shape, of: UInt8.self) { for index in $0.indices { $0[index] = half(index) } }
        : Tensor(shape: shape, of: Int8.self) { values in
          for index in values.indices { values[index] = Int8(bitPattern: half(index) << 4) >> 4 }
        }
    }
  }

  private func typed(
    _ proto: ONNXTensorProto, type: DataType, isPacked: Bool, shape: Shape, label: String
  ) throws -> Tensor {
    /// One element per stored value; a value that does not fit its type is an error, not a wrap-around.
    func elements<Stored, Element: TensorElement>(
      _ stored: [Stored], _ field: String, _ convert: (Stored) -> Element?
    ) throws -> Tensor {
      guard stored.count == shape.count else {
        throw FormatError.invalidTensor(
          file: file, tensor: label, expected: "\(shape.count) values for its shape \(shape)",
          found: "\(stored.count) in \(field)")
      }
      return try Tensor(shape: shape, of: Element.self) { target in
        for index in target.indices {
          guard let value = convert(stored[index]) else {
            throw FormatError.invalidTensor(
              file: file, tensor: label, expected: "\(type.rawValue) values", found: "\(stored[index])")
          }
          target[index] = value
        }
      }
    }

    if isPacked {
      let bytes = proto.int32Data.map { UInt8(truncatingIfNeeded: $0) }
      guard bytes.count == (shape.count + 1) / 2 else {
        throw FormatError.invalidTensor(
          file: file, tensor: label,
          expected: "\((shape.count + 1) / 2) packed values for its shape \(shape)",
          found: "\(bytes.count)")
      }
      return bytes.withUnsafeBytes { unpacked($0, owner: nil, shape: shape, type: type) }
    }
    switch type {
    case .float32: return try elements(proto.floatData, "float_data") { $0 }
    case .float64: return try elements(proto.doubleData, "double_data") { $0 }
    case .int64: return try elements(proto.int64Data, "int64_data") { $0 }
    case .uint64: return try elements(proto.uint64Data, "uint64_data") { $0 }
    case .uint32: return try elements(proto.uint64Data, "uint64_data") { UInt32(exactly: $0) }
    case .int32: return try elements(proto.int32Data, "int32_data") { $0 }
    case .int16: return try elements(proto.int32Data, "int32_data") { Int16(exactly: $0) }
    case .uint16: return try elements(proto.int32Data, "int32_data") { UInt16(exactly: $0) }
    case .int8: return try elements(proto.int32Data, "int32_data") { Int8(exactly: $0) }
    case .uint8: return try elements(proto.int32Data, "int32_data") { UInt8(exactly: $0) }
    case .bool: return try elements(proto.int32Data, "int32_data") { $0 != 0 }
    case .float16:
      return try elements(proto.int32Data, "int32_data") {
        UInt16(exactly: $0).map { Float16(bitPattern: $0) }
      }
    case .bfloat16:
      return try elements(proto.int32Data, "int32_data") {
        UInt16(exactly: $0).map { BFloat16(bitPattern: $0) }
      }
    case .string, .int4, .uint4, .int2, .uint2, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
      .float8e8m0, .float4e2m1:
      throw FormatError.unsupportedDataType(file: file, value: label, type: type.rawValue)
    }
  }
}
