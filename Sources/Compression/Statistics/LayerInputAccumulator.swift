import COpenBLAS
import TensorCore

/// Gathers `LayerInputStatistics` batch by batch.
package struct LayerInputAccumulator {
  private let source: LayerInputRows
  private let needs: LayerInputNeeds
  private var rows = 0
  private var elements = 0
  private var samplesSeen = 0
  private var sums: [Double]
  private var magnitudes: [Double]
  private var squaredNorms: [Double]
  private var largest: [Float]
  private var gram: [Float] = []
  private var samples: [Float] = []
  private var random = SeededGenerator(seed: 0x5A3F)
  package private(set) var isFinite = true

  package init(_ source: LayerInputRows, needs: LayerInputNeeds) {
    self.source = source
    self.needs = needs
    let width = source.groups * source.inputs
    sums = [Double](repeating: 0, count: width)
    magnitudes = sums
    squaredNorms = sums
    largest = [Float](repeating: 0, count: width)
    if needs.contains(.gram), source.inputs <= LayerInputStatistics.gramLimit {
      gram = [Float](repeating: 0, count: width * source.inputs)
    }
  }

  package var statistics: LayerInputStatistics {
    LayerInputStatistics(
      rows: rows, elements: elements, groups: source.groups, inputs: source.inputs, sums: sums,
      magnitudes: magnitudes,
      squaredNorms: squaredNorms, largest: largest, gram: mirrored, samples: samples)
  }

  /// Takes a batch of what the layer reads.
  package mutating func add(_ values: UnsafeBufferPointer<Float>, shape: Shape) {
    var batch: [Float] = []
    let count = source.append(
      values, shape: shape, sample: samplesSeen, limit: LayerInputStatistics.positionsPerSample, to: &batch)
    samplesSeen += shape.rank > 1 ? shape[0] : 1
    guard count > 0 else { return }
    let exponent: UInt32 = 0x7f80_0000
    for value in batch where value.bitPattern & exponent == exponent { isFinite = false }
    batch.withUnsafeBufferPointer { batch in
      addColumns(batch, count: count)
      if !gram.isEmpty { addProducts(batch, count: count) }
      if needs.contains(.samples) { keepSome(batch, count: count) }
    }
    rows += count
    elements += values.count
  }

  private mutating func addColumns(_ batch: UnsafeBufferPointer<Float>, count: Int) {
    let width = sums.count
    for row in 0..<count {
      for column in 0..<width {
        let value = batch[row * width + column]
        sums[column] += Double(value)
        magnitudes[column] += Double(value.magnitude)
        squaredNorms[column] += Double(value) * Double(value)
        largest[column] = max(largest[column], value.magnitude)
      }
    }
  }

  /// Column-major BLAS sees the rows as the columns of X^T, so that X^T X is a rank update of its first kind.
  private mutating func addProducts(_ batch: UnsafeBufferPointer<Float>, count: Int) {
    guard let base = batch.baseAddress else { return }
    openblas_set_num_threads(1)
    let size = source.inputs
    var (n, k, stride, one) = (Int32(size), Int32(count), Int32(sums.count), Float(1))
    gram.withUnsafeMutableBufferPointer { gram in
      guard let target = gram.baseAddress else { return }
      for group in 0..<source.groups {
        ssyrk_("L", "N", &n, &k, &one, base + group * size, &stride, &one, target + group * size * size, &n)
      }
    }
  }

  /// The update writes the column-major lower triangle, which is the row-major upper one.
  private var mirrored: [Float] {
    var full = gram
    let size = source.inputs
    guard !full.isEmpty else { return full }
    for group in 0..<source.groups {
      let start = group * size * size
      for row in 0..<size {
        for column in 0..<row { full[start + row * size + column] = full[start + column * size + row] }
      }
    }
    return full
  }

  /// Reservoir sampling (Vitter 1985, doi:10.1145/3147.3165): every row is kept with the same probability.
  private mutating func keepSome(_ batch: UnsafeBufferPointer<Float>, count: Int) {
    let width = sums.count
    for row in 0..<count {
      let values = batch[row * width..<(row + 1) * width]
      if samples.count < LayerInputStatistics.sampleLimit * width {
        samples += values
      } else {
        let place = Int.random(in: 0...(rows + row), using: &random)
        if place < LayerInputStatistics.sampleLimit {
          samples.replaceSubrange(place * width..<(place + 1) * width, with: values)
        }
      }
    }
  }
}
