import GraphIR
import Recipes
import TensorCore

/// A compressible layer of a graph: a node with a constant weight, seen as a matrix of `outputs` rows that each weigh
/// `inputs` values. `LayerForms` brings what exporters write to Conv, Gemm and MatMul; ConvTranspose and the gates of
/// recurrent nodes read matrices of the same kind through constant views. The table of an embedding has a row for each
/// index.
package struct Layer: Sendable, Hashable {
  package enum Form: String, Sendable, Hashable {
    case conv = "Conv", gemm = "Gemm", matMul = "MatMul"
    /// A table whose rows are looked up.
    case gather = "Gather"
  }

  /// The node's name; for a matrix of gates NODE/W or NODE/R, inside a nested graph after the node that runs it.
  package let name: String
  /// The node that computes it, perhaps inside a nested graph.
  package let node: String
  /// What the file calls it, where that says nothing.
  package let formerName: String?
  /// The operator as people know it, such as "Conv" or "LSTM".
  package let label: String
  package let form: Form
  package let weightName: String
  /// The constant that is added per output: an input of Conv and Gemm, or of the Add behind a MatMul.
  package let biasName: String?
  /// The Add behind a MatMul that adds the bias.
  package let biasNode: String?
  /// The value whose activations the layer weighs.
  package let input: String
  package let output: String
  /// Of the weight: Conv [OC, IC/groups, KH, KW], Gemm with transB [N, K], a table [rows, width], otherwise [K, N].
  package let shape: Shape
  /// The axis of `shape` that counts outputs: 0, or 1 for [K, N].
  package let outputAxis: Int
  package let groups: Int
  /// Whether a Gemm reads its input transposed (transA): its channels are then the input's first axis.
  package let readsTransposed: Bool
  /// The width its weight is stored at already, if not as float32, such as "4 bits" or "16 bits".
  package let stored: String?
  /// Weights, biases not counted.
  package let parameters: Int
  /// Weights and bias with every element stored, zeros too.
  package let bytes: Int
  /// Other layers that read the same weight, in graph order.
  package let sharedWith: [String]
  /// Why the weight has to stay as it is, if it does.
  package let obstacle: String?

  /// Why only magnitude pruning and plain rounding apply, if that is so: a noun, such as "a matrix of gates".
  package let restriction: String?

  static let gates = "a matrix of gates"
  static let table = "a table of rows"
  static let sharedTable = "a table that a product reads too"
  /// Whether its rows are gates of recurrent units, which can go whole.
  var isGates: Bool { restriction == Layer.gates }

  /// Neurons or filters.
  package var outputs: Int { shape[outputAxis] }
  /// Weights that one output has: K, or IC/groups * KH * KW.
  package var inputs: Int { outputs == 0 ? 0 : parameters / outputs }
  /// Operator and shape, such as "Conv 64x32x3x3" or "Gemm 10x64" (outputs x inputs).
  package var kind: String {
    let sizes = form == .conv ? shape.dimensions : [outputs, inputs]
    return "\(label) " + sizes.map(String.init).joined(separator: "x") + (stored.map { ", \($0)" } ?? "")
  }

  /// The axes of the input behind that of its channels: spatial ones, or the rows of a transposed matrix.
  var axesBehindChannels: Int { form == .conv ? shape.rank - 2 : readsTransposed ? 1 : 0 }
}

extension Layer {
  /// What can be done here of the settings asked for, and a remark for each that cannot.
  func possible(_ settings: LayerSettings) -> (settings: LayerSettings, remarks: [String]) {
    guard let restriction else { return (settings, []) }
    var remarks: [String] = []
    var rest = settings
    let isFactorized = restriction == Layer.table
    if settings.rank < 1, !isFactorized {
      remarks.append("\(restriction) is not factorized: rank has no effect here")
    }
    if !isFactorized { rest.rank = 1 }
    // A table reads indices, which have no width of their own.
    if settings.activationBits != .float32, form != .gather {
      remarks.append("\(restriction) runs in floating point: its activations stay at 32 bits")
    }
    rest.activationBits = .float32
    var plain = LayerSettings()
    if isFactorized { (plain.rank, plain.rankBy) = (settings.rank, settings.rankBy) }
    plain.prune = settings.prune
    plain.weightBits = settings.weightBits
    plain.granularity = settings.granularity
    plain.symmetry = settings.symmetry
    plain.range = settings.range
    plain.pattern = settings.pattern
    switch settings.pattern {
    case .channels where isGates, .heads where isGates, .layers:
      plain.criterion = settings.criterion
      plain.allocation = settings.allocation
      plain.alignment = settings.alignment
      plain.compensation = settings.compensation
    case .channels, .heads:
      if settings.prune > 0 {
        remarks.append(
          "\(restriction) has no \(settings.pattern.rawValue) that could go whole: none is pruned here")
      }
      plain.prune = 0
      rest.prune = 0
      rest.criterion = plain.criterion
      rest.allocation = plain.allocation
      rest.alignment = plain.alignment
      rest.compensation = plain.compensation
    case .weights, .two4, .one4, .four8, .block1x8, .block4x4: break
    }
    if rest != plain, !rest.isIdentity {
      remarks.append("\(restriction) is pruned by magnitude and rounded plainly, whatever the method")
    }
    return (plain, remarks)
  }
}
