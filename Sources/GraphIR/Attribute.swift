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
}
