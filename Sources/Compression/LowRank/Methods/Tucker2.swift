import GraphIR
import Recipes
import TensorCore

extension FactorizationMethod {
  package static let tucker = FactorizationMethod(
    "tucker-2",
    MethodNote(
      "A convolution becomes 1x1, a smaller core and 1x1; other layers go by svd.",
      source: "Kim et al. 2016, arXiv:1511.06530", isHeavy: true),
    Tucker2())
}

/// A 1x1 convolution, a core of the layer's window, and a 1x1 convolution. Ranks are those of outputs and inputs.
private struct Tucker2: LayerFactorization {
  var pieces: Int { 3 }

  func applies(to layer: Layer) -> Bool {
    layer.form == .conv && layer.shape.dimensions.dropFirst(2).contains { $0 > 1 }
  }

  func fullRanks(of layer: Layer) -> [Int] { [layer.outputs, layer.shape[1]] }

  func parameters(of layer: Layer, ranks: [Int]) -> Int {
    let channels = layer.shape[1]
    return Tucker.parameters(
      outputs: layer.outputs, inputs: channels, window: layer.inputs / channels, outputRank: ranks[0],
      inputRank: ranks[1])
  }

  func ranks(energy share: Double, of source: FactorSource) throws -> [Int] {
    let found = weight(source).ranks(energy: share)
    return [found.outputs, found.inputs]
  }

  func tensors(ranks: [Int], residual: Int, of source: FactorSource) throws -> [Tensor] {
    guard
      let tucker = try Tucker(
        weight(source), outputRank: ranks[0], inputRank: ranks[1], step: Task.checkCancellation)
    else { throw CompressionError.decompositionFailed(layer: source.tracked.origin, info: 0) }
    return try cores(tucker, layer: source.layer)
  }

  func attributes(
    of node: Node, piece index: Int, ranks: [Int], single: [String: Attribute]
  ) -> [String: Attribute] {
    index == 1 ? node.attributes : single
  }

  private func weight(_ source: FactorSource) -> TuckerWeight {
    let layer = source.layer
    return TuckerWeight(
      source.values, outputs: layer.outputs, inputs: layer.shape[1],
      window: layer.inputs / max(layer.shape[1], 1))
  }

  /// [inputRank, inputs, 1...], [outputRank, inputRank, window...] and [outputs, outputRank, 1...].
  private func cores(_ tucker: Tucker, layer: Layer) throws -> [Tensor] {
    let window = Array(layer.shape.dimensions.dropFirst(2))
    let single = window.map { _ in 1 }
    let first = tucker.inputBasis.withUnsafeBufferPointer {
      Transposition.transposed($0, rows: tucker.inputs, columns: tucker.inputRank)
    }
    return [
      try Tensor(shape: Shape(known: [tucker.inputRank, tucker.inputs] + single), first.map(Float.init)),
      try Tensor(
        shape: Shape(known: [tucker.outputRank, tucker.inputRank] + window), tucker.core.map(Float.init)),
      try Tensor(
        shape: Shape(known: [tucker.outputs, tucker.outputRank] + single), tucker.outputBasis.map(Float.init)),
    ]
  }
}

/// A convolution's weight [outputs, inputs, window] as a core between two matrices of orthonormal columns, along the
/// outputs and the inputs only (Tucker-2: Kim et al. 2016, arXiv:1511.06530).
struct Tucker: Sendable {
  let outputs: Int
  let inputs: Int
  let window: Int
  let outputRank: Int
  let inputRank: Int
  /// [outputs, outputRank].
  let outputBasis: [Double]
  /// [inputs, inputRank].
  let inputBasis: [Double]
  /// [outputRank, inputRank, window].
  let core: [Double]

  static let mostIterations = 20

  /// Higher-order orthogonal iteration (De Lathauwer et al. 2000, doi:10.1137/S0895479898346995) from the truncated
  /// higher-order decomposition, until the core's norm changes by less than a part in 10^6.
  /// - Parameter step: called before each iteration.
  /// - Returns: nil where LAPACK gives up.
  init?(
    _ weight: TuckerWeight, outputRank: Int, inputRank: Int, step: () throws -> Void
  ) rethrows {
    let (n, c, k) = (weight.outputs, weight.inputs, weight.window)
    guard var inputBasis = Self.leading(weight.inputGram, size: c, count: inputRank) else { return nil }
    var outputBasis: [Double] = []
    var energy = 0.0
    var core: [Double] = []
    for _ in 0..<Self.mostIterations {
      try step()
      let narrow = Self.contractInputs(weight.values, basis: inputBasis, outputs: n, inputs: c, window: k)
      let width = inputRank * k
      guard
        let basis = Self.leading(
          DenseAlgebra.product(narrow, narrow, n, width, n, transposedB: true), size: n, count: outputRank)
      else { return nil }
      outputBasis = basis
      // [outputRank, inputs * window].
      let short = DenseAlgebra.product(outputBasis, weight.values, outputRank, n, c * k, transposedA: true)
      let turned = TuckerWeight.inputsFirst(short, outputs: outputRank, inputs: c, window: k)
      guard
        let next = Self.leading(
          DenseAlgebra.product(turned, turned, c, outputRank * k, c, transposedB: true), size: c,
          count: inputRank)
      else { return nil }
      inputBasis = next
      core = Self.contractInputs(short, basis: inputBasis, outputs: outputRank, inputs: c, window: k)
      let found = core.reduce(0) { $0 + $1 * $1 }
      if found - energy <= 1e-6 * found { break }
      energy = found
    }
    outputs = n
    inputs = c
    window = k
    self.outputRank = outputRank
    self.inputRank = inputRank
    self.outputBasis = outputBasis
    self.inputBasis = inputBasis
    self.core = core
  }

  /// Weights of the three convolutions.
  static func parameters(outputs: Int, inputs: Int, window: Int, outputRank: Int, inputRank: Int) -> Int {
    inputs * inputRank + outputRank * inputRank * window + outputs * outputRank
  }

  /// The leading eigenvectors as columns, [size, count].
  private static func leading(_ gram: [Double], size: Int, count: Int) -> [Double]? {
    guard let eigen = DenseAlgebra.eigen(gram, size: size) else { return nil }
    var basis = [Double](repeating: 0, count: size * count)
    for place in 0..<count {
      let row = size - 1 - place
      for index in 0..<size { basis[index * count + place] = eigen.vectors[row * size + index] }
    }
    return basis
  }

  /// [outputs, inputs, window] times a basis of the inputs: [outputs, rank, window].
  private static func contractInputs(
    _ values: [Double], basis: [Double], outputs: Int, inputs: Int, window: Int
  ) -> [Double] {
    let rank = basis.count / inputs
    var result: [Double] = []
    result.reserveCapacity(outputs * rank * window)
    for output in 0..<outputs {
      let slice = Array(values[output * inputs * window..<(output + 1) * inputs * window])
      result += DenseAlgebra.product(basis, slice, rank, inputs, window, transposedA: true)
    }
    return result
  }
}

/// A convolution's weight made ready for Tucker decompositions of any rank.
struct TuckerWeight: Sendable {
  let outputs: Int
  let inputs: Int
  let window: Int
  /// [outputs, inputs, window].
  let values: [Double]
  /// The Gram matrix of the weight unfolded along its inputs, [inputs, inputs].
  let inputGram: [Double]

  init(_ values: [Float], outputs: Int, inputs: Int, window: Int) {
    self.outputs = outputs
    self.inputs = inputs
    self.window = window
    self.values = values.map(Double.init)
    let turned = Self.inputsFirst(self.values, outputs: outputs, inputs: inputs, window: window)
    inputGram = DenseAlgebra.product(turned, turned, inputs, outputs * window, inputs, transposedB: true)
  }

  /// [inputs, outputs, window].
  static func inputsFirst(_ values: [Double], outputs: Int, inputs: Int, window: Int) -> [Double] {
    var turned = [Double](repeating: 0, count: values.count)
    for output in 0..<outputs {
      for input in 0..<inputs {
        for place in 0..<window {
          turned[(input * outputs + output) * window + place] =
            values[(output * inputs + input) * window + place]
        }
      }
    }
    return turned
  }

  /// Ranks whose squared singular values hold a share of the weight's, half of the loss on either side.
  func ranks(energy share: Double) -> (outputs: Int, inputs: Int) {
    let each = 1 - (1 - share) / 2
    let outputGram = DenseAlgebra.product(
      values, values, outputs, inputs * window, outputs, transposedB: true)
    func rank(_ gram: [Double], _ size: Int) -> Int {
      let squares = DenseAlgebra.eigen(gram, size: size)?.values.reversed().map { max($0, 0) }
      return squares.map { Factorization.count(energy: each, squares: $0) } ?? size
    }
    return (rank(outputGram, outputs), rank(inputGram, inputs))
  }
}
