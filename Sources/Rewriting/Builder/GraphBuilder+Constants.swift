import GraphIR
import TensorCore

/// Constants, those that the patch adds included.
extension GraphBuilder {
  package func weight(_ name: String?) -> Weight? {
    guard let name else { return nil }
    return weights[name] ?? base.graph.initializers[name]
  }

  /// A constant that is stored as its values; nil for codes.
  package func dense(_ name: String?) -> Tensor? {
    guard case .dense(let tensor)? = weight(name) else { return nil }
    return tensor
  }

  /// A value that does not depend on the inputs, if it was computed.
  package func knownValue(_ name: String) -> Tensor? { dense(name) ?? base.constants[name] }

  /// Sets a constant of the graph, or makes a value one whose node is gone.
  package mutating func set(_ weight: Weight, named name: String) {
    weights[name] = weight
    types[name] = TensorType(weight.dataType, weight.shape)
  }

  /// A new constant under a name like `base`.
  package mutating func add(_ weight: Weight, _ base: String) -> String {
    let name = fresh(base)
    set(weight, named: name)
    return name
  }

  package mutating func add(_ tensor: Tensor, _ base: String) -> String { add(.dense(tensor), base) }

  /// A list of int64.
  package mutating func add(_ integers: [Int], _ base: String) -> String {
    add(
      Tensor(shape: Shape(known: [integers.count]), of: Int64.self) {
        for index in $0.indices { $0[index] = Int64(integers[index]) }
      }, base)
  }

  /// A single float32.
  package mutating func add(_ value: Float, _ base: String) -> String { add(Tensor(scalar: value), base) }
}
