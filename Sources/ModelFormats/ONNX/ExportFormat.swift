/// Who should read a file: what may be written for the sake of its size.
package enum ExportFormat: String, Sendable, Hashable, CaseIterable {
  /// Every runtime of the model's operator set, or of 13 where that is older: codes are 8-bit integers, all zeros are written.
  case portable
  /// Runtimes of operator set 21, where codes of up to 4 bits are in the model: those are packed, groups are blocks.
  case standard
  /// ONNX Runtime: also its own products of codes in blocks, and weights that are mostly zeros written as what is not, which
  /// few others read.
  case onnxRuntime = "onnxruntime"

  package var note: String {
    switch self {
    case .portable:
      "every runtime: 8-bit codes and all zeros are written, in the model's operator set (at least 13 where weights have codes)"
    case .standard: "runtimes of operator set 21, where there are codes of 4 bits and less: these are packed"
    case .onnxRuntime:
      "ONNX Runtime: as standard, with MatMulNBits for products with groups of codes, GatherBlockQuantized for lookups in "
        + "tables, and weights that are mostly zeros as sparse initializers"
    }
  }

  /// Whether an old operator set is raised for codes that take half the bytes in a later one.
  var raisesForPacked: Bool {
    switch self {
    case .portable: false
    case .standard, .onnxRuntime: true
    }
  }

  /// Whether operators of ONNX Runtime's own may stand in the file.
  var hasRuntimeOperators: Bool {
    switch self {
    case .portable, .standard: false
    case .onnxRuntime: true
    }
  }

  /// Whether weights that are mostly zeros may stand as sparse initializers.
  var hasSparse: Bool {
    switch self {
    case .portable, .standard: false
    case .onnxRuntime: true
    }
  }
}
