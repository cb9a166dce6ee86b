import Foundation

/// Tensor bytes kept in files beside the model. Only files inside the model's folder are opened.
struct ExternalData {
  /// The model's file, for messages.
  let file: String
  /// The model's folder; nil for a model that came without one.
  let folder: String?

  /// Where a tensor's bytes lie, with offset and length checked against the file's size.
  struct Region {
    let source: RegularFile
    let offset: Int
    let length: Int
  }

  /// The region that must hold exactly `byteCount` bytes.
  /// - Throws: `FormatError.externalData` naming the tensor, the location and what is wrong with it.
  func region(of tensor: ONNXTensorProto, label: String, byteCount: Int) throws -> Region {
    var entries: [String: String] = [:]
    for entry in tensor.externalData { entries[entry.key] = entry.value }
    let location = entries["location"] ?? ""
    func refusal(_ reason: String) -> FormatError {
      .externalData(file: file, tensor: label, location: location, reason: reason)
    }

    guard !location.isEmpty else { throw refusal("no location is given") }
    guard let folder else { throw refusal("the model was not read from a folder") }
    let components = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.hasPrefix("/"), !components.contains(".."), !location.contains("\\"),
      !location.contains("\0")
    else { throw refusal("the path leads out of the model's folder") }

    guard let root = realPath(folder.isEmpty ? "." : folder) else {
      throw refusal("the model's folder is missing")
    }
    guard let path = realPath(root + "/" + location) else { throw refusal("the file does not exist") }
    guard path.hasPrefix(root == "/" ? root : root + "/") else {
      throw refusal("a link leads out of the model's folder")
    }

    func number(_ key: String, default fallback: Int) throws -> Int {
      guard let text = entries[key] else { return fallback }
      guard let value = Int(text), value >= 0 else { throw refusal("its \(key) is \"\(text)\"") }
      return value
    }
    let source = try RegularFile(path)
    let offset = try number("offset", default: 0)
    guard offset <= source.size else {
      throw refusal("it starts at byte \(offset) of a file of \(source.size) bytes")
    }
    let length = try number("length", default: byteCount)
    guard length <= source.size - offset else {
      throw refusal("it ends at byte \(offset) + \(length) of a file of \(source.size) bytes")
    }
    guard length == byteCount else {
      throw refusal("its shape needs \(byteCount) bytes, but \(length) are stored")
    }
    return Region(source: source, offset: offset, length: length)
  }

  private func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
