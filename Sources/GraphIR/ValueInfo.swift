import TensorCore

/// One dimension of a graph input or output: known, or named and bound when a plan is made.
package enum Dimension: Sendable, Hashable {
  case fixed(Int)
  /// A symbolic dimension; an empty name is an unknown one.
  case symbolic(String)
}

/// The declared type of a graph input or output. `dimensions` is nil where not even the rank is known.
package struct ValueInfo: Sendable, Hashable {
  package var name: String
  package var dataType: DataType
  package var dimensions: [Dimension]?
  /// What the tensors described stand in, outermost first; empty for a plain tensor.
  package var wrapping: [ValueWrapping]

  package init(
    name: String, dataType: DataType, dimensions: [Dimension]?, wrapping: [ValueWrapping] = []
  ) {
    self.name = name
    self.dataType = dataType
    self.dimensions = dimensions
    self.wrapping = wrapping
  }
}

/// The static type of a value once every dimension is bound.
package struct TensorType: Sendable, Hashable, CustomStringConvertible {
  package let dataType: DataType
  package let shape: Shape

  package init(_ dataType: DataType, _ shape: Shape) {
    self.dataType = dataType
    self.shape = shape
  }

  package var byteCount: Int { shape.count * dataType.byteCount }
  package var description: String { "\(dataType.rawValue)\(shape)" }
}
