import GraphIR
import Recipes
import TensorCore

extension RoundingMethod {
  package static let squant = RoundingMethod(
    "squant",
    MethodNote(
      "Rounds so that the errors of each kernel, and of each output, add up to less than half a step: needs no data.",
      source: "Guo et al. 2022, arXiv:2202.07471"),
    scope: .integers,
    codes: .weights { weights, scheme, layer in
      let isWindowed = layer.form == .conv && layer.shape.rank > 2
      return SQuant(window: isWindowed ? layer.inputs / max(layer.shape[1], 1) : 1).codes(weights, scheme)
    })
}

/// Rounds to the nearest, then to the other side the weights nearest to it whose errors lean the way that their sum does:
/// first kernel by kernel, then output by output, at most one weight more of each kernel (Guo et al. 2022,
/// arXiv:2202.07471). What a layer reads is mostly of one sign or has neighbours alike: there sums of errors are what
/// reaches its output.
///
/// Sums are over weights of one scale. A code stays one of the two around its weight; zeros stay zero.
struct SQuant {
  /// Weights of one kernel, which are next to each other: the places of a convolution's window; 1 for products.
  let window: Int

  func codes(_ weights: WeightMatrix, _ scheme: CodeScheme) -> CodeMatrix {
    var result = weights.values.withUnsafeBufferPointer {
      WeightQuantizer(scheme: scheme).matrix($0, rows: weights.rows, columns: weights.columns)
    }
    guard weights.rows * weights.columns > 0 else { return result }
    for row in 0..<weights.rows {
      for first in stride(from: 0, to: weights.columns, by: result.groupSize) {
        let grid = result.grids[result.gridIndex(row, first)]
        let end = min(first + result.groupSize, weights.columns)
        var run = RoundedRun(
          weights: weights.values[row * weights.columns + first..<row * weights.columns + end],
          codes: result.codes[row * weights.columns + first..<row * weights.columns + end], grid: grid,
          range: scheme.codeRange)
        run.balance(kernels: kernels(first..<end))
        result.codes.replaceSubrange(
          row * weights.columns + first..<row * weights.columns + end, with: run.codes)
      }
    }
    return result
  }

  /// The parts of kernels within some columns, from 0 on.
  private func kernels(_ columns: Range<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = columns.lowerBound
    while start < columns.upperBound {
      let next = min((start / window + 1) * window, columns.upperBound)
      parts.append(start - columns.lowerBound..<next - columns.lowerBound)
      start = next
    }
    return parts
  }
}

/// Weights of one output and one scale, rounded.
private struct RoundedRun {
  private(set) var codes: [Int8]
  /// Codes less what they stand for, in steps.
  private var errors: [Float]
  private let range: ClosedRange<Int>

  init(weights: ArraySlice<Float>, codes: ArraySlice<Int8>, grid: CodeGrid, range: ClosedRange<Int>) {
    self.codes = Array(codes)
    self.range = range
    errors = zip(weights, codes).map { Float(Int32($1) - grid.zeroPoint) - $0 / grid.scale }
  }

  mutating func balance(kernels: [Range<Int>]) {
    for kernel in kernels where kernel.count > 1 {
      let sum = errors[kernel].reduce(0, +)
      for place in candidates(kernel, against: sum).prefix(Self.excess(sum)) { flip(place) }
    }
    let sums = kernels.map { errors[$0].reduce(0, +) }
    let total = sums.reduce(0, +)
    let leaning = kernels.indices.filter { sums[$0] * total > 0 }.sorted {
      (sums[$1].magnitude, $0) < (sums[$0].magnitude, $1)
    }
    var remaining = Self.excess(total)
    for kernel in leaning where remaining > 0 {
      guard let place = candidates(kernels[kernel], against: total).first else { continue }
      flip(place)
      remaining -= 1
    }
  }

  /// Weights that have to change sides for a sum of at most a half.
  private static func excess(_ sum: Float) -> Int { Int(sum.magnitude.rounded(.toNearestOrEven)) }

  /// Places whose errors have the sign of a sum, largest first, and which have a code on the other side.
  private func candidates(_ kernel: Range<Int>, against sum: Float) -> [Int] {
    let side = sum > 0 ? -1 : 1
    return kernel.filter { place in
      // Beyond half a step a weight is clipped, or has changed sides already.
      errors[place] * sum > 0 && errors[place].magnitude <= 0.5 && range.contains(Int(codes[place]) + side)
    }.sorted { (errors[$1].magnitude, $0) < (errors[$0].magnitude, $1) }
  }

  private mutating func flip(_ place: Int) {
    let side = errors[place] > 0 ? -1 : 1
    codes[place] += Int8(side)
    errors[place] += Float(side)
  }
}
