import Foundation
import TensorCore

/// A file of named arrays in any of the formats that are read.
package enum ArrayFile {
  /// The arrays by name. A format without names gives its array the file's name without extensions;
  /// csv gives x and y.
  /// - Throws: `FormatError`; `.unknownArrayFormat` where the content is of no known format.
  package static func read(path: String) throws -> [String: Tensor] {
    let file = try RegularFile(path)
    guard file.size > 0 else { throw FormatError.emptyFile(file: path) }
    let name = URL(fileURLWithPath: path).lastPathComponent
    let stem = String(name.prefix { $0 != "." })

    if let mapping = file.mapping(), mapping.bytes.starts(with: NPYHeader.magic),
      let tensor = try NPY.mapped(mapping, file: path)
    {
      return [stem: tensor]
    }
    let bytes = try file.contents()
    if bytes.starts(with: Array("PK".utf8)) { return try NPZ.read(bytes: bytes, file: path) }
    if bytes.starts(with: NPYHeader.magic.prefix(bytes.count)) {
      return [stem: try NPY.read(bytes: bytes, file: path)]
    }
    if bytes.starts(with: IDX.gzipMagic) || bytes.starts(with: [0, 0]) {
      return [stem: try IDX.read(bytes: bytes, file: path)]
    }
    if ["csv", "tsv", "txt"].contains(URL(fileURLWithPath: path).pathExtension.lowercased()) {
      return try CSV.read(bytes: bytes, file: path)
    }
    throw FormatError.unknownArrayFormat(file: path)
  }
}
