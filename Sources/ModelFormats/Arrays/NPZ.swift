import Foundation
import TensorCore

/// NumPy's npz format: a zip file of npy files.
package enum NPZ {
  /// All arrays, by name. Other entries are passed over.
  /// - Parameter limit: the most bytes all arrays together may take.
  /// - Throws: `FormatError.truncated`, `.invalidArchive`, `.invalidArray`, `.duplicateName` or `.tooLarge`.
  package static func read(bytes: Data, file: String, limit: Int = defaultLimit) throws -> [String: Tensor] {
    let archive = try ZipArchive(bytes, file: file)
    var arrays: [String: Tensor] = [:]
    var total = 0
    for entry in archive.entries where entry.name.hasSuffix(".npy") {
      let name = String(entry.name.dropLast(4))
      total += entry.size
      guard total <= limit else {
        throw FormatError.tooLarge(
          file: file, part: "array \(name)", bytes: total, limit: limit,
          wayOut: "split the data into smaller files")
      }
      let tensor = try archive.withReader(of: entry) { reader in
        try NPY.read(file: file, array: name, size: entry.size) { try reader.read(into: $0) }
      }
      guard arrays.updateValue(tensor, forKey: name) == nil else {
        throw FormatError.duplicateName(file: file, what: "arrays", name: name)
      }
    }
    return arrays
  }

  package static let defaultLimit = 8 << 30
}
