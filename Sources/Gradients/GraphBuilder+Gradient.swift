import GraphIR
import Operators
import Rewriting
import TensorCore

/// Constants and steps that many rules take.
extension GraphBuilder {
  /// Gives a value the name of one of the Gradient node's outputs.
  mutating func name(_ value: String, _ output: String) throws {
    try append(
      Node(name: fresh("\(stem)/\(output)"), kind: "Identity", inputs: [value], outputs: [output]))
  }

  mutating func integers(_ values: [Int], _ name: String) -> String { add(values, "\(stem)/\(name)") }

  /// One number of the type of `value`.
  mutating func scalar(_ number: Double, like value: String) throws -> String {
    let type = try type(of: value).dataType
    let tensor =
      type == .float64 ? Tensor(scalar: number) : try Tensor(shape: [], floats: [Float(number)], as: type)
    return add(tensor, "\(stem)/number")
  }

  mutating func ones(like value: String) throws -> String { try filled(1, like: value) }
  mutating func zeros(like value: String) throws -> String { try filled(0, like: value) }

  private mutating func filled(_ number: Double, like value: String) throws -> String {
    try expanded(try scalar(number, like: value), to: try shape(of: value))
  }

  mutating func expanded(_ value: String, to shape: Shape) throws -> String {
    if try self.shape(of: value) == shape { return value }
    return try add("Expand", [value, integers(shape.dimensions, "shape")])
  }

  mutating func reshaped(_ value: String, to shape: Shape) throws -> String {
    if try self.shape(of: value) == shape { return value }
    // A zero would stand for the input's own dimension; nothing is lost, as both are without elements.
    return try add("Reshape", [value, integers(shape.dimensions, "shape")])
  }

  /// A sum over axes, which stay as 1.
  mutating func sum(_ value: String, over axes: [Int]) throws -> String {
    if axes.isEmpty { return value }
    if graph.opset < 13 {
      return try add("ReduceSum", [value], ["axes": .ints(axes), "keepdims": .int(1)])
    }
    return try add("ReduceSum", [value, integers(axes, "axes")], ["keepdims": .int(1)])
  }

  /// The gradient of a value from that of what it was broadcast to: the sum over what was repeated.
  mutating func unbroadcast(_ gradient: String, to shape: Shape) throws -> String {
    let from = try self.shape(of: gradient)
    let lead = from.rank - shape.rank
    let axes = from.dimensions.indices.filter { $0 < lead || shape[$0 - lead] == 1 && from[$0] != 1 }
    return try reshaped(try sum(gradient, over: axes), to: shape)
  }

  mutating func swappingLastAxes(_ value: String) throws -> String {
    var order = Array(0..<(try shape(of: value).rank))
    order.swapAt(order.count - 1, order.count - 2)
    return try add("Transpose", [value], ["perm": .ints(order)])
  }
}
