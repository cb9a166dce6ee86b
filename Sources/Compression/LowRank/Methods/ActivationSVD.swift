import GraphIR
import Recipes
import TensorCore

extension FactorizationMethod {
  package static let activationSVD = FactorizationMethod(
    "activation-svd",
    MethodNote(
      "As svd, but the error is weighed by what the layer reads.", needs: .calibrationData,
      source: "Wang et al. 2024, arXiv:2403.07378", isHeavy: true),
    ActivationSVD())
}

/// As SVD, in the norm that the layer's inputs give.
///
/// The bias takes up what the factors lose of the inputs' means, so that the factors need not hold them: together they
/// are the best affine stand-in for the layer, as in Zhang et al. 2016 (arXiv:1505.06798, section 3.1).
private struct ActivationSVD: MatrixFactorization {
  var needsInputs: Bool { true }

  func decompose(_ values: [Float], of source: FactorSource) throws -> Factorization {
    guard let inputs = source.inputs else { return try source.plainFactors(values) }
    let layer = source.layer
    let whitening = try InputWhitening(
      InputMoments(inputs, isCentered: source.hasBias), layer: source.tracked.origin)
    let byOutput =
      layer.outputAxis == 0
      ? values
      : values.withUnsafeBufferPointer {
        Transposition.transposed($0, rows: source.rows, columns: source.columns)
      }
    let found = try whitening.factorization(byOutput, rows: layer.outputs, layer: source.tracked.origin)
    return layer.outputAxis == 0 ? found : found.transposed
  }

  func product(of pieces: [Tensor], of source: FactorSource) throws -> WeightMatrix? {
    try joined(pieces, of: source)
  }
}
