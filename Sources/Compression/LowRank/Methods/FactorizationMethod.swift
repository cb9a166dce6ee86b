import GraphIR
import Recipes
import TensorCore

/// How a layer is taken apart into smaller ones.
///
/// A factorization stands in a file of its own, and in a line of `allCases`.
package struct FactorizationMethod: SettingChoice {
  package let label: String
  package let note: MethodNote
  let code: any LayerFactorization

  init(_ label: String, _ note: MethodNote, _ code: any LayerFactorization) {
    self.label = label
    self.note = note
    self.code = code
  }

  /// In the order in which they are shown.
  package static let allCases: [FactorizationMethod] = [
    .svd,
    .activationSVD,
    .spatial,
    .tucker,
    .canonicalPolyadic,
  ]
}

extension FactorizationMethod {
  package static func == (left: FactorizationMethod, right: FactorizationMethod) -> Bool {
    left.label == right.label
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(label) }
}

extension SettingKeys {
  package var factorization: TypedSetting<FactorizationMethod> {
    TypedSetting(
      "factorization", "How a layer is taken apart into smaller ones.", of: "rank", standard: .svd)
  }
}

/// What a factorization makes of one layer.
protocol LayerFactorization: Sendable {
  /// Whether it looks at what the layer reads on calibration data.
  var needsInputs: Bool { get }
  /// Whether a sparse residual may stand beside the factors.
  var takesResidual: Bool { get }
  /// The smaller layers that run one behind the other, a residual not counted.
  var pieces: Int { get }

  /// Whether it means something of its own for a layer; svd stands in where it does not.
  func applies(to layer: Layer) -> Bool

  /// The most that ranks can be: one number, or several where it has several.
  func fullRanks(of layer: Layer) -> [Int]

  /// Weights of the pieces.
  func parameters(of layer: Layer, ranks: [Int]) -> Int

  /// The least ranks that hold a share of the squared singular values.
  /// - Throws: what decomposing throws.
  func ranks(energy share: Double, of source: FactorSource) throws -> [Int]

  /// The weights of the pieces in the order in which they run, then that of a sparse residual where one is asked for.
  /// - Parameter residual: weights of it.
  /// - Throws: what decomposing throws, or `CancellationError`.
  func tensors(ranks: [Int], residual: Int, of source: FactorSource) throws -> [Tensor]

  /// What the pieces compute together, put together again; nil where the layer's bias is to stay as it is.
  func product(of pieces: [Tensor], of source: FactorSource) throws -> WeightMatrix?

  /// The attributes of a piece of a convolution.
  /// - Parameter single: what a 1x1 convolution keeps of the node's.
  func attributes(
    of node: Node, piece index: Int, ranks: [Int], single: [String: Attribute]
  ) -> [String: Attribute]
}

extension LayerFactorization {
  var needsInputs: Bool { false }
  var takesResidual: Bool { false }
  func applies(to layer: Layer) -> Bool { true }
  func product(of pieces: [Tensor], of source: FactorSource) throws -> WeightMatrix? { nil }

  /// Ranks at a share of the full ones.
  func ranks(ratio: Double, of layer: Layer) -> [Int] {
    fullRanks(of: layer).map { min($0, max(1, Int((ratio * Double($0)).rounded()))) }
  }

  /// The largest ranks whose pieces hold at most a share of the layer's weights; at least one.
  func ranks(parameters share: Double, of layer: Layer) -> [Int] {
    let full = fullRanks(of: layer)
    let budget = Int(share * Double(layer.parameters))
    let most = full.max() ?? 1
    var best = full.map { _ in 1 }
    var (low, high) = (1, most)
    // Ranks in proportion to the full ones: what they hold rises with their size.
    while low <= high {
      let middle = (low + high) / 2
      let ranks = full.map { max(1, $0 * middle / most) }
      if parameters(of: layer, ranks: ranks) <= budget {
        best = ranks
        low = middle + 1
      } else {
        high = middle - 1
      }
    }
    return best
  }
}
