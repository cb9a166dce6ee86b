/// The static dimensions of a tensor, outermost first; a scalar has none.
package struct Shape: Sendable, Hashable, Codable, ExpressibleByArrayLiteral, CustomStringConvertible {
  package let dimensions: [Int]

  /// Number of elements; 1 for a scalar.
  package let count: Int

  /// - Throws: `TensorError.invalidShape` if a dimension is negative or the element count overflows.
  package init(_ dimensions: [Int]) throws {
    guard let count = Shape.elementCount(dimensions) else { throw TensorError.invalidShape(dimensions) }
    self.dimensions = dimensions
    self.count = count
  }

  /// For literals and shapes derived from valid ones, whose sizes are known to be sane.
  package init(arrayLiteral elements: Int...) {
    self.init(known: elements)
  }

  package init(known dimensions: [Int]) {
    guard let count = Shape.elementCount(dimensions) else {
      preconditionFailure("shape \(dimensions) is not valid")
    }
    self.dimensions = dimensions
    self.count = count
  }

  package var rank: Int { dimensions.count }

  package subscript(axis: Int) -> Int { dimensions[axis] }

  /// Row-major strides in elements.
  package var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    return strides
  }

  /// A possibly negative ONNX axis brought into `0..<rank`, or nil if out of range.
  package func normalized(axis: Int) -> Int? {
    let positive = axis < 0 ? axis + rank : axis
    return (0..<rank).contains(positive) ? positive : nil
  }

  package var description: String {
    "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
  }

  package init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode([Int].self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(dimensions)
  }

  /// The product of the dimensions, or nil where one is negative or the byte count of the widest element overflows.
  package static func elementCount(_ dimensions: [Int]) -> Int? {
    guard dimensions.allSatisfy({ $0 >= 0 }) else { return nil }
    // A zero makes the tensor empty, but the others must still be sane, since parts of the shape are multiplied too.
    var count = 1
    for dimension in dimensions where dimension != 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      if overflow || product > Int.max / 16 { return nil }
      count = product
    }
    return dimensions.contains(0) ? 0 : count
  }
}
