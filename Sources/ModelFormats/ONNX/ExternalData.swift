import Foundation
import TensorCore

/// Tensor bytes kept in files beside the model. Only files inside the model's folder are opened, each once.
///
/// Large files are mapped and their tensors read in place; a file that another program cuts short while it is mapped
/// cannot be read any further, so files are to be replaced and not overwritten.
final class ExternalData {
  /// The model's file, for messages.
  let file: String
  /// The model's folder; nil for a model that came without one.
  let folder: String?
  private var root: String?
  private var sources: [String: Source] = [:]

  /// A file in memory: mapped where it is large, else read.
  private struct Source {
    let bytes: UnsafeRawBufferPointer
    let owner: any AnyObject & Sendable
    /// Bytes copied because they were not aligned.
    var copied = 0
  }

  init(file: String, folder: String?) {
    self.file = file
    self.folder = folder
  }

  /// Exactly `byteCount` bytes of a tensor, in place where the file is mapped and they are aligned.
  /// - Throws: `FormatError.externalData` naming the tensor, the location and what is wrong with it.
  func storage(
    of tensor: ONNXTensorProto, label: String, byteCount: Int, alignment: Int
  ) throws -> TensorStorage {
    var entries: [String: String] = [:]
    for entry in tensor.externalData { entries[entry.key] = entry.value }
    let location = entries["location"] ?? ""
    func refusal(_ reason: String) -> FormatError {
      .externalData(file: file, tensor: label, location: location, reason: reason)
    }
    func number(_ key: String, default fallback: Int) throws -> Int {
      guard let text = entries[key] else { return fallback }
      guard let value = Int(text), value >= 0 else { throw refusal("its \(key) is \"\(text)\"") }
      return value
    }

    var source = try self.source(location, refusal: refusal)
    let size = source.bytes.count
    let offset = try number("offset", default: 0)
    guard offset <= size else { throw refusal("it starts at byte \(offset) of a file of \(size) bytes") }
    let length = try number("length", default: byteCount)
    guard length <= size - offset else {
      throw refusal("it ends at byte \(offset) + \(length) of a file of \(size) bytes")
    }
    guard length == byteCount else {
      throw refusal("its shape needs \(byteCount) bytes, but \(length) are stored")
    }
    let bytes = UnsafeRawBufferPointer(rebasing: source.bytes[offset..<offset + length])
    if offset % alignment == 0 { return TensorStorage(bytes: bytes, owner: source.owner) }
    source.copied += length
    guard source.copied <= 2 * size else { throw refusal("too many tensors share its bytes") }
    sources[location] = source
    return withExtendedLifetime(source.owner) {
      TensorStorage(byteCount: length) { $0.copyMemory(from: bytes) }
    }
  }

  private func source(_ location: String, refusal: (String) -> FormatError) throws -> Source {
    if let known = sources[location] { return known }
    guard !location.isEmpty else { throw refusal("no location is given") }
    guard let folder else { throw refusal("the model was not read from a folder") }
    let components = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.hasPrefix("/"), !components.contains(".."), !location.contains("\\"),
      !location.contains("\0")
    else { throw refusal("the path leads out of the model's folder") }

    guard let root = root ?? realPath(folder.isEmpty ? "." : folder) else {
      throw refusal("the model's folder is missing")
    }
    self.root = root
    guard let path = realPath(root + "/" + location) else { throw refusal("the file does not exist") }
    guard path.hasPrefix(root == "/" ? root : root + "/") else {
      throw refusal("a link leads out of the model's folder")
    }
    let file = try RegularFile(path)
    let source: Source
    if let mapping = file.mapping() {
      source = Source(bytes: mapping.bytes, owner: mapping)
    } else {
      let storage = try TensorStorage(byteCount: file.size) {
        try file.read(into: $0, at: 0, part: "the data of tensors")
      }
      source = Source(bytes: storage.bytes, owner: storage)
    }
    sources[location] = source
    return source
  }

  private func realPath(_ path: String) -> String? {
    guard let resolved = realpath(PathBytes.bytes(of: path), nil) else { return nil }
    defer { free(resolved) }
    return PathBytes.path(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
  }
}
