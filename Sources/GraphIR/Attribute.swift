import TensorCore

/// The value of a node's attribute, as in ONNX's `AttributeProto`.
package indirect enum Attribute: Sendable {
  case int(Int)
  case float(Float)
  case string(String)
  case tensor(Tensor)
  case graph(Graph)
  case ints([Int])
  case floats([Float])
  case strings([String])
  case tensors([Tensor])
  case graphs([Graph])
  /// The type of a value; its name is empty.
  case type(ValueInfo)
}
