import GraphIR
import TensorCore

/// A layer's weight as a matrix of one row per output, whatever the order it is stored in.
struct WeightMatrix: Sendable {
  let rows: Int
  let columns: Int
  /// [rows, columns].
  var values: [Float]

  init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "a matrix has rows x columns values")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  init(_ weight: Weight, layer: Layer) {
    rows = layer.outputs
    columns = layer.inputs
    values = weight.withFloats { values in
      layer.outputAxis == 0
        ? Array(values)
        : Transposition.transposed(values, rows: layer.inputs, columns: layer.outputs)
    }
  }

  /// In the order in which the layer stores its weight.
  func stored(for layer: Layer) -> [Float] { Self.stored(values, rows: rows, columns: columns, layer: layer) }

  static func stored<Element: BitwiseCopyable>(
    _ values: [Element], rows: Int, columns: Int, layer: Layer
  ) -> [Element] {
    layer.outputAxis == 0
      ? values
      : values.withUnsafeBufferPointer { Transposition.transposed($0, rows: rows, columns: columns) }
  }
}

extension Weight {
  /// Other values in the place and float type of this weight's.
  /// - Throws: `TensorError` unless there is one value per element.
  func replacing(with values: [Float]) throws -> Weight {
    let tensor = try Tensor(shape: shape, values)
    if case .dense(let old) = self, old.dataType == .float16 {
      return .dense(HalfPrecision.converted(tensor))
    }
    return .dense(tensor)
  }

  /// The weight with zeros where `keep`, in the order of its elements, is false; codes stay codes.
  func masked(by keep: [Bool]) throws -> Weight {
    switch self {
    case .dense(let tensor):
      let masked = withFloats { values in
        Tensor(shape: tensor.shape, of: Float.self) { kept in
          for index in kept.indices { kept[index] = keep[index] ? values[index] : 0 }
        }
      }
      return .dense(tensor.dataType == .float16 ? HalfPrecision.converted(masked) : masked)
    case .quantized(let tensor):
      // A binary code has no zero to go to.
      guard tensor.bits != .binary else { return self }
      var codes = tensor.codes
      tensor.forEachCode { index, scale, _ in
        guard !keep[index] else { return }
        codes[index] = Int8(truncatingIfNeeded: tensor.zeroPoints.isEmpty ? 0 : tensor.zeroPoints[scale])
      }
      return .quantized(
        try QuantizedTensor(
          shape: tensor.shape, bits: tensor.bits, axis: tensor.axis, groupSize: tensor.groupSize,
          format: tensor.format, scales: tensor.scales, scaleStorage: tensor.scaleStorage,
          zeroPoints: tensor.zeroPoints, codes: codes))
    }
  }
}
