import GraphIR
import TensorCore

/// What a value is without its shape: the element type, and what the tensors stand in.
package struct ValueKind: Sendable, Hashable, CustomStringConvertible {
  package let dataType: DataType
  /// Outermost first; empty for a plain tensor.
  package let wrapping: [ValueWrapping]

  package init(_ dataType: DataType, wrapping: [ValueWrapping] = []) {
    self.dataType = dataType
    self.wrapping = wrapping
  }

  package var description: String {
    wrapping.reversed().reduce(dataType.rawValue) { text, outer in
      switch outer {
      case .sequence: "sequence of \(text)"
      case .optional: "optional of \(text)"
      }
    }
  }

  /// The same without its outermost sequence or optional; nil where there is none.
  var unwrapped: ValueKind? {
    wrapping.isEmpty ? nil : ValueKind(dataType, wrapping: Array(wrapping.dropFirst()))
  }
}
