import TensorCore

/// A constant of the graph. Every reader of a quantized one sees its dequantized float32 values.
///
/// Pruned weights are dense or quantized tensors that contain zeros: which storage form runs fastest
/// is decided when an execution plan is made, not here.
package enum Weight: Sendable {
  case dense(Tensor)
  case quantized(QuantizedTensor)

  package var shape: Shape {
    switch self {
    case .dense(let tensor): tensor.shape
    case .quantized(let tensor): tensor.shape
    }
  }

  /// The type a node sees: float32 for quantized weights.
  package var dataType: DataType {
    switch self {
    case .dense(let tensor): tensor.dataType
    case .quantized: .float32
    }
  }

  /// The values as a plain tensor.
  package var tensor: Tensor {
    switch self {
    case .dense(let tensor): tensor
    case .quantized(let tensor): tensor.dequantized()
    }
  }
}
