import Foundation

/// Moves the bytes of large tensors into one file beside the model, each at the start of a page so that readers can map
/// it (https://github.com/onnx/onnx/blob/main/docs/ExternalData.md).
final class ExternalDataWriter {
  private let location: String
  private let file: PartFile
  private(set) var byteCount = 0

  /// Smaller tensors stay in the model.
  static let threshold = 1024
  private static let page = 4096

  /// - Throws: `FormatError.unwritable`.
  init(path: String) throws {
    location = URL(fileURLWithPath: path).lastPathComponent
    file = try PartFile(path)
  }

  /// - Throws: `FormatError.diskFull` or `.unwritable`.
  func move(_ tensor: inout ONNXTensorProto) throws {
    let length = tensor.rawData.count
    guard length >= ExternalDataWriter.threshold else { return }
    let padding = -byteCount & (ExternalDataWriter.page - 1)
    if padding > 0 { try file.append(Data(count: padding)) }
    let offset = byteCount + padding
    try file.append(tensor.rawData)
    byteCount = offset + length
    tensor.rawData = Data()
    tensor.dataLocation = .external
    tensor.externalData = [("location", location), ("offset", "\(offset)"), ("length", "\(length)")].map {
      key, value in
      var entry = ONNXStringStringEntryProto()
      entry.key = key
      entry.value = value
      return entry
    }
  }

  /// - Throws: `FormatError.diskFull` or `.unwritable`.
  func commit() throws { try file.commit() }
}
