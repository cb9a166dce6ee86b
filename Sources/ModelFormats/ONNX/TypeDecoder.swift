import GraphIR
import TensorCore

/// Turns stored types into `ValueInfo`: tensors (sparse ones too, which are filled in), and sequences and optionals
/// of them.
struct TypeDecoder {
  let file: String

  /// - Throws: `FormatError.invalidValue` for maps and missing types, and for dimensions that cannot be;
  ///   `.unsupportedDataType`.
  func value(_ proto: ONNXTypeProto, name: String) throws -> ValueInfo {
    var wrapping: [ValueWrapping] = []
    var proto = proto
    while true {
      switch proto.value {
      case .sequenceType(let sequence):
        wrapping.append(.sequence)
        proto = sequence.elemType
      case .optionalType(let optional):
        wrapping.append(.optional)
        proto = optional.elemType
      case .tensorType(let tensor):
        return try value(
          tensor.elemType, tensor.hasShape ? tensor.shape : nil, name: name, wrapping: wrapping)
      case .sparseTensorType(let tensor):
        return try value(
          tensor.elemType, tensor.hasShape ? tensor.shape : nil, name: name, wrapping: wrapping)
      case nil:
        throw FormatError.invalidValue(
          file: file, value: name, expected: "the type of a tensor, or of a sequence or optional of tensors",
          found: "none or that of a map")
      }
    }
  }

  private func value(
    _ element: Int32, _ shape: ONNXTensorShapeProto?, name: String, wrapping: [ValueWrapping]
  ) throws -> ValueInfo {
    guard let type = ElementType.dataType(element) else {
      throw FormatError.unsupportedDataType(file: file, value: name, type: ElementType.name(element))
    }
    let dimensions = try shape.map { try self.dimensions($0, name: name) }
    return ValueInfo(name: name, dataType: type, dimensions: dimensions, wrapping: wrapping)
  }

  private func dimensions(_ shape: ONNXTensorShapeProto, name: String) throws -> [Dimension] {
    let dimensions = try shape.dim.map { dimension -> Dimension in
      switch dimension.value {
      // Some exporters write "?" or -1 for dimensions that are only known when running: no two of them are one.
      case .dimParam(let name): return .symbolic(name == "?" ? "" : name)
      case .dimValue(-1), nil: return .symbolic("")
      case .dimValue(let size):
        guard size >= 0 else {
          throw FormatError.invalidValue(
            file: file, value: name, expected: "positive dimensions", found: "\(size)")
        }
        return .fixed(Int(size))
      }
    }
    let fixed = dimensions.compactMap { if case .fixed(let size) = $0 { size } else { nil } }
    guard Shape.elementCount(fixed) != nil else {
      throw FormatError.invalidValue(
        file: file, value: name, expected: "dimensions that fit into memory", found: "\(fixed.prefix(16))")
    }
    return dimensions
  }
}

extension ONNXTypeProto {
  /// Whether it is a sequence whose elements have no type that is known: maps, as `ZipMap` gives them.
  var isMapped: Bool {
    if case .sequenceType(let sequence)? = value { sequence.elemType.value == nil } else { false }
  }
}
