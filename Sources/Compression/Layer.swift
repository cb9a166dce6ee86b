import GraphIR
import TensorCore

/// A compressible layer of a graph: a Conv, Gemm or MatMul node with a constant weight, seen as a matrix
/// of `outputs` rows that each weigh `inputs` values.
package struct Layer: Sendable, Hashable {
  package enum Form: String, Sendable, Hashable { case conv = "Conv", gemm = "Gemm", matMul = "MatMul" }

  /// The node's name.
  package let name: String
  package let form: Form
  package let weightName: String
  /// The constant that is added per output: an input of Conv and Gemm, or of the Add behind a MatMul.
  package let biasName: String?
  /// The Add behind a MatMul that adds the bias.
  package let biasNode: String?
  /// The value whose activations the layer weighs.
  package let input: String
  package let output: String
  /// Of the weight: Conv [OC, IC/groups, KH, KW], Gemm with transB [N, K], otherwise [K, N].
  package let shape: Shape
  /// The axis of `shape` that counts outputs: 0, or 1 for [K, N].
  package let outputAxis: Int
  package let groups: Int
  /// Weights, biases not counted.
  package let parameters: Int
  /// Weights and bias with every element stored, zeros too.
  package let bytes: Int
  /// Other layers that read the same weight, in graph order.
  package let sharedWith: [String]
  /// Why the weight has to stay as it is, if it does.
  package let obstacle: String?

  /// Neurons or filters.
  package var outputs: Int { shape[outputAxis] }
  /// Weights that one output has: K, or IC/groups * KH * KW.
  package var inputs: Int { outputs == 0 ? 0 : parameters / outputs }
  /// Operator and shape, such as "Conv 64x32x3x3" or "Gemm 10x64" (outputs x inputs).
  package var kind: String {
    let sizes = form == .conv ? shape.dimensions : [outputs, inputs]
    return "\(form.rawValue) " + sizes.map(String.init).joined(separator: "x")
  }

  /// Multiplications of one run whose result has the given shape.
  package func multiplyAccumulates(output: Shape) -> Int { output.count * inputs }
}
