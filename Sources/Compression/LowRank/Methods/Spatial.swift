import GraphIR
import Recipes
import TensorCore

extension FactorizationMethod {
  package static let spatial = FactorizationMethod(
    "spatial",
    MethodNote(
      "A convolution becomes a column and a row, one after the other; other layers go by svd.",
      source: "Jaderberg et al. 2014, arXiv:1405.3866"),
    Spatial())
}

/// A column of the window, then a row.
private struct Spatial: LayerFactorization {
  var pieces: Int { 2 }

  func applies(to layer: Layer) -> Bool {
    layer.form == .conv && layer.shape.rank == 4 && layer.shape[2] > 1 && layer.shape[3] > 1
  }

  func fullRanks(of layer: Layer) -> [Int] {
    let (channels, window) = (layer.shape[1], layer.shape.dimensions.suffix(2))
    return [min(channels * (window.first ?? 1), layer.outputs * (window.last ?? 1))]
  }

  func parameters(of layer: Layer, ranks: [Int]) -> Int {
    let (channels, window) = (layer.shape[1], layer.shape.dimensions.suffix(2))
    return ranks[0] * (channels * (window.first ?? 1) + layer.outputs * (window.last ?? 1))
  }

  func ranks(energy share: Double, of source: FactorSource) throws -> [Int] {
    [try full(source).rank(energy: share)]
  }

  func tensors(ranks: [Int], residual: Int, of source: FactorSource) throws -> [Tensor] {
    try columnAndRow(try full(source), rank: ranks[0], layer: source.layer)
  }

  /// A column with the strides, dilations and padding of rows, then a row with those of columns.
  func attributes(
    of node: Node, piece index: Int, ranks: [Int], single: [String: Attribute]
  ) -> [String: Attribute] {
    var attributes = node.attributes
    func along(_ name: String, _ keep: [Int: Int], _ standard: Int) {
      guard let values = node.ints(name) else { return }
      attributes[name] = .ints(values.indices.map { keep[$0] ?? standard })
    }
    let axis = index
    for (name, standard) in [("strides", 1), ("dilations", 1), ("kernel_shape", 1)] {
      guard let values = node.ints(name), values.count == 2 else { continue }
      along(name, [axis: values[axis]], standard)
    }
    if let pads = node.ints("pads"), pads.count == 4 {
      along("pads", [axis: pads[axis], axis + 2: pads[axis + 2]], 0)
    }
    return attributes
  }

  private func full(_ source: FactorSource) throws -> Factorization {
    let layer = source.layer
    return try source.kept {
      try matrix(source.values, layer).withUnsafeBufferPointer {
        try Factorization(
          $0, rows: layer.shape[1] * layer.shape[2], columns: layer.outputs * layer.shape[3],
          layer: source.tracked.origin)
      }
    }
  }

  /// [channels * height, outputs * width] of [outputs, channels, height, width].
  private func matrix(_ values: [Float], _ layer: Layer) -> [Float] {
    let (n, c, h, w) = (layer.shape[0], layer.shape[1], layer.shape[2], layer.shape[3])
    var matrix = [Float](repeating: 0, count: values.count)
    for output in 0..<n {
      for channel in 0..<c {
        for y in 0..<h {
          for x in 0..<w {
            matrix[(channel * h + y) * n * w + output * w + x] =
              values[((output * c + channel) * h + y) * w + x]
          }
        }
      }
    }
    return matrix
  }

  /// [rank, channels, height, 1] and [outputs, rank, 1, width].
  private func columnAndRow(_ full: Factorization, rank: Int, layer: Layer) throws -> [Tensor] {
    let (n, c, h, w) = (layer.shape[0], layer.shape[1], layer.shape[2], layer.shape[3])
    let column = full.leftFactor(rank: rank).withUnsafeBufferPointer {
      Transposition.transposed($0, rows: c * h, columns: rank)
    }
    let right = full.rightFactor(rank: rank)
    var row = [Float](repeating: 0, count: n * rank * w)
    for index in 0..<rank {
      for output in 0..<n {
        for x in 0..<w { row[(output * rank + index) * w + x] = right[(index * n + output) * w + x] }
      }
    }
    return [
      try Tensor(shape: Shape(known: [rank, c, h, 1]), column),
      try Tensor(shape: Shape(known: [n, rank, 1, w]), row),
    ]
  }
}
