import Foundation
import GraphIR
import SwiftProtobuf
import TensorCore

/// Reads single values as test sets hold them beside a model (`input_0.pb`): tensors, sequences and optionals in
/// ONNX's `TensorProto`, `SequenceProto` and `OptionalProto`.
package enum ValueFile {
  /// - Parameter info: the type of the input or output it stands for; the bytes do not tell.
  /// - Throws: `FormatError` with the file's path.
  package static func read(path: String, as info: ValueInfo) throws -> RuntimeValue {
    try read(bytes: RegularFile(path).contents(), as: info, file: path)
  }

  package static func read(bytes: Data, as info: ValueInfo, file: String) throws -> RuntimeValue {
    let decoder = ValueDecoder(
      file: file,
      tensors: TensorDecoder(
        file: file, external: ExternalData(file: file, folder: nil),
        sparse: SparseBudget(fileSize: bytes.count)))
    switch info.wrapping.first {
    case .sequence: return .sequence(try decoder.members(of: parse(bytes, file: file), label: info.name))
    case .optional: return .optional(try decoder.content(of: parse(bytes, file: file), label: info.name))
    case nil:
      let tensor: ONNXTensorProto = try parse(bytes, file: file)
      return .tensor(try decoder.tensors.tensor(tensor, label: info.name))
    }
  }

  private static func parse<Proto: SwiftProtobuf.Message>(_ bytes: Data, file: String) throws -> Proto {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    options.messageDepthLimit = 64
    do {
      return try Proto(serializedBytes: bytes, options: options)
    } catch {
      throw FormatError.notONNX(file: file, reason: "its content is not a protocol buffer of a value")
    }
  }
}

private struct ValueDecoder {
  let file: String
  let tensors: TensorDecoder

  func members(of proto: ONNXSequenceProto, label: String) throws -> [RuntimeValue] {
    switch proto.elemType {
    case 0, 1: return try proto.tensorValues.map { .tensor(try tensors.tensor($0, label: label)) }
    case 2: return try proto.sparseTensorValues.map { .tensor(try tensors.tensor($0, label: label)) }
    case 3: return try proto.sequenceValues.map { .sequence(try members(of: $0, label: label)) }
    case 5: return try proto.optionalValues.map { .optional(try content(of: $0, label: label)) }
    default: throw refusal(label, proto.elemType)
    }
  }

  func content(of proto: ONNXOptionalProto, label: String) throws -> RuntimeValue? {
    switch proto.elemType {
    case 0: return nil
    // A value that is declared but not there stands for nothing, too.
    case 1: return proto.hasTensorValue ? .tensor(try tensors.tensor(proto.tensorValue, label: label)) : nil
    case 2: return .tensor(try tensors.tensor(proto.sparseTensorValue, label: label))
    case 3:
      return proto.hasSequenceValue
        ? .sequence(try members(of: proto.sequenceValue, label: label)) : nil
    case 5: return .optional(try content(of: proto.optionalValue, label: label))
    default: throw refusal(label, proto.elemType)
    }
  }

  private func refusal(_ label: String, _ kind: Int32) -> FormatError {
    .invalidValue(
      file: file, value: label, expected: "tensors, sequences or optionals",
      found: "elements of kind \(kind)")
  }
}
