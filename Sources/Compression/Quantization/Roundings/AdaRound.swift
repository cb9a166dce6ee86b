import Dispatch
import Recipes
import Synchronization
import TensorCore

extension RoundingMethod {
  package static let adaRound = RoundingMethod(
    "adaround",
    MethodNote(
      "Learns for each weight whether up or down changes the output least, given the layers in front as rounded.",
      needs: .calibrationData, source: "Nagel et al. 2020, arXiv:2004.10568", isHeavy: true),
    scope: .integers, looksAtFront: true, codes: .inputs { try AdaRound().codes($0) })
}

/// Learns for each weight whether to round it up or down, so that the layer's output changes least.
///
/// Nagel et al. 2020, "Up or Down?" (arXiv:2004.10568): a rectified sigmoid h of one variable per weight stands for the
/// rounding, Adam minimizes the layer's squared output error, and a regularizer 1 - |2h - 1|^beta, whose beta falls from
/// 20 to 2 after a fifth of the steps, drives h to 0 or 1.
///
/// The layers in front are rounded already when a layer is learned, and what it reads of them is what its error is
/// measured on, against the original's output (asymmetric reconstruction, section 3.4): the targets of `RoundingProblem`.
///
/// What differs from the paper: the error is that of all calibration rows at once by way of their Gram matrix, instead
/// of batches; it is measured in units of the error per weight of nearest rounding, so that one weight of the
/// regularizer fits all layers; and in the end single weights change sides as long as that lessens the error, so that
/// few steps are enough. Only there the activation behind the layer counts, row by row: what it clips on both sides is
/// no error. An output that nearest rounding serves better keeps it.
struct AdaRound {
  var steps = 400
  var rate: Float = 0.03
  /// In units of what nearest rounding costs per weight: well above 1, or the loss outweighs it and no weight is driven
  /// to a side before the steps run out.
  var regularization: Float = 10

  /// Outputs that are learned at a time: what they hold fits in the cache.
  private static let chunk = 32

  /// Integer codes of at least two bits; others are rounded to the nearest.
  /// - Throws: `CancellationError`.
  func codes(_ problem: RoundingProblem) throws -> CodeMatrix {
    let quantizer = WeightQuantizer(scheme: problem.scheme)
    let nearest = problem.weights.withUnsafeBufferPointer {
      quantizer.matrix($0, rows: problem.rows, columns: problem.columns)
    }
    guard RoundingScope.integers.takes(problem.scheme) else { return nearest }
    var learned = nearest
    let values = nearest.values
    let (perGroup, columns) = (problem.rows / problem.groups, problem.columns)
    for group in 0..<problem.groups {
      let gram = problem.raisedGram(group)
      let seen = problem.reconstruction.flatMap { ClippedOutputs($0, problem, group: group) }
      let end = (group + 1) * perGroup
      let starts = Array(stride(from: group * perGroup, to: end, by: Self.chunk))
      for first in stride(from: 0, to: starts.count, by: ProcessorCount.active) {
        try Task.checkCancellation()
        let turn = starts[first..<min(first + ProcessorCount.active, starts.count)]
        let found = Mutex<[(start: Int, codes: [Int8])]>([])
        DispatchQueue.concurrentPerform(iterations: turn.count) { offset in
          let start = turn[turn.startIndex + offset]
          var rows = LearnedRows(
            start..<min(start + Self.chunk, end), problem, nearest: nearest, values: values, gram: gram)
          rows.learn(steps: steps, rate: rate, regularization: regularization)
          rows.settle()
          if let seen { rows.settle(seen, weights: problem.weights) }
          let codes = rows.codes
          found.withLock { $0.append((start, codes)) }
        }
        for (start, codes) in found.withLock({ $0 }) {
          learned.codes.replaceSubrange(start * columns..<start * columns + codes.count, with: codes)
        }
      }
    }
    // Errors that the activation hides are not the product's: there the rows themselves have decided.
    guard problem.reconstruction?.bounds == nil else { return learned }
    let (before, after) = (problem.rowErrors(values), problem.rowErrors(learned.values))
    for row in 0..<problem.rows where before[row] < after[row] {
      let range = row * columns..<(row + 1) * columns
      learned.codes.replaceSubrange(range, with: nearest.codes[range])
    }
    return learned
  }

}

/// Some outputs of a layer on their way to codes.
private struct LearnedRows {
  private let rows: Range<Int>
  private let columns: Int
  private let gram: [Float]
  /// The lower code of each weight; of one that has no choice, its nearest.
  private var lower: [Int8]
  /// Per output, the mean over its weights of what nearest rounding costs.
  private var units: [Float] = []
  /// Per weight, the value of its lower code less its target; for a weight that has no choice, that of its nearest code.
  private var below: [Float]
  private let targets: ArraySlice<Float>
  /// From the lower code to the upper; 0 for a weight that has no choice.
  private var step: [Float]
  /// Adam's variables; the sides once they are settled.
  private var variables: [Float]
  private var isUp: [Bool] = []

  /// Bounds of the stretched sigmoid (Louizos et al. 2018, arXiv:1712.01312).
  private static let (low, high): (Float, Float) = (-0.1, 1.1)

  init(_ rows: Range<Int>, _ problem: RoundingProblem, nearest: CodeMatrix, values: [Float], gram: [Float]) {
    self.rows = rows
    self.gram = gram
    columns = problem.columns
    let (offset, count) = (rows.lowerBound * columns, rows.count * columns)
    let range = problem.scheme.codeRange
    lower = Array(nearest.codes[offset..<offset + count])
    targets = problem.targets[offset..<offset + count]
    below = [Float](repeating: 0, count: count)
    step = below
    variables = below
    for index in 0..<count {
      let grid = nearest.grids[nearest.gridIndex(rows.lowerBound + index / columns, index % columns)]
      let weight = problem.weights[offset + index]
      let scaled = weight / grid.scale
      let floor = scaled.rounded(.down)
      let zero = Float(grid.zeroPoint)
      // A zero stays one; a code at the end of the range has nowhere to go.
      guard weight != 0, floor >= Float(range.lowerBound) - zero, floor + 1 <= Float(range.upperBound) - zero
      else {
        below[index] = values[offset + index] - problem.targets[offset + index]
        continue
      }
      lower[index] = Int8(Int32(floor) + grid.zeroPoint)
      below[index] = floor * grid.scale - problem.targets[offset + index]
      step[index] = grid.scale
      let share = (min(max(scaled - floor, 0.001), 0.999) - Self.low) / (Self.high - Self.low)
      variables[index] = Logistic.inverse(share)
    }
    let missed = (0..<count).map { values[offset + $0] - problem.targets[offset + $0] }
    let slopes = product(missed)
    units = (0..<rows.count).map { row in
      var sum: Float = 0
      for index in row * columns..<(row + 1) * columns { sum += missed[index] * slopes[index] }
      return sum / Float(max(1, columns))
    }
  }

  mutating func learn(steps: Int, rate: Float, regularization: Float) {
    let count = below.count
    // Variables, their gradients' means and squares, what is missed and its slopes, one behind the other.
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 5 * count)
    defer { memory.deallocate() }
    memory.initialize(repeating: 0)
    let part = { UnsafeMutableBufferPointer(rebasing: memory[$0 * count..<($0 + 1) * count]) }
    let (x, first, second, missed, slopes) = (part(0), part(1), part(2), part(3), part(4))
    _ = x.update(fromContentsOf: variables)
    for index in 0..<count {
      missed[index] = below[index] + step[index] * Self.side(variables[index])
    }
    for turn in 0..<steps {
      product(UnsafeBufferPointer(missed), into: slopes)
      let progress = Float(turn) / Float(steps)
      // Whole powers only: they are products.
      let power = Int((18 * (1 - max(0, (progress - 0.2) / 0.8))).rounded()) + 1
      let pull = progress < 0.2 ? 0 : regularization * 2 * Float(power + 1)
      let adam = AdamStep(turn: turn, rate: rate)
      below.withUnsafeBufferPointer { below in
        step.withUnsafeBufferPointer { step in
          for row in 0..<rows.count where units[row] > 0 {
            let scale = 2 / units[row]
            let end = (row + 1) * columns
            for index in stride(from: row * columns, to: end, by: 8) {
              let lanes = min(8, end - index)
              let sigmoid = Logistic.value(Lanes.load(x, index, lanes))
              let stretched = sigmoid * (Self.high - Self.low) + Self.low
              let width = Lanes.load(step, index, lanes)
              let signed = 2 * Self.rectified(sigmoid) - 1
              var gradient = Lanes.load(slopes, index, lanes) * width * scale
              gradient -= pull * Lanes.power(Lanes.magnitude(signed), power) * Lanes.sign(signed)
              gradient *= sigmoid * (1 - sigmoid) * (Self.high - Self.low)
              // The rectification is flat beyond 0 and 1.
              gradient.replace(with: 0, where: (stretched .<= 0) .| (stretched .>= 1))
              var (mean, square) = (Lanes.load(first, index, lanes), Lanes.load(second, index, lanes))
              let changed = Lanes.load(x, index, lanes) - adam.change(gradient, &mean, &square)
              Lanes.store(mean, first, index, lanes)
              Lanes.store(square, second, index, lanes)
              Lanes.store(changed, x, index, lanes)
              let side = Self.rectified(Logistic.value(changed))
              Lanes.store(Lanes.load(below, index, lanes) + width * side, missed, index, lanes)
            }
          }
        }
      }
    }
    variables = Array(x)
  }

  /// Rounds to the sides that were learned, then lets single weights change sides while that lessens the error.
  mutating func settle() {
    isUp = variables.map { Self.side($0) >= 0.5 }
    var difference = below.indices.map { below[$0] + (isUp[$0] ? step[$0] : 0) }
    var slopes = product(difference)
    for row in 0..<rows.count {
      let start = row * columns
      for _ in 0..<4 {
        var changes = 0
        for column in 0..<columns where step[start + column] > 0 {
          let change = isUp[start + column] ? -step[start + column] : step[start + column]
          let cost = change * (2 * slopes[start + column] + change * gram[column * columns + column])
          guard cost < 0 else { continue }
          isUp[start + column].toggle()
          difference[start + column] += change
          changes += 1
          slopes.withUnsafeMutableBufferPointer { slopes in
            gram.withUnsafeBufferPointer { gram in
              let line = column * columns
              for other in 0..<columns { slopes[start + other] += change * gram[line + other] }
            }
          }
        }
        if changes == 0 { break }
      }
    }
  }

  /// What the lower code of a weight stands for.
  private func lower(_ index: Int) -> Float { below[index] + targets[targets.startIndex + index] }

  /// Lets single weights change sides while that lessens the error behind the activation, row by row.
  mutating func settle(_ seen: ClippedOutputs, weights: [Float]) {
    for row in 0..<rows.count {
      let (start, output) = (row * columns, rows.lowerBound + row)
      var products = seen.products(
        of: (0..<columns).map { lower(start + $0) + (isUp[start + $0] ? step[start + $0] : 0) })
      let wanted = seen.wanted(output)
      for _ in 0..<3 {
        var changes = 0
        for column in 0..<columns where step[start + column] > 0 {
          let now = isUp[start + column]
          let change = now ? -step[start + column] : step[start + column]
          let weight = weights[output * columns + column]
          let old = lower(start + column) + (now ? step[start + column] : 0) - weight
          let new = old + change
          let drawn = seen.ridge * (new * new - old * old)
          guard seen.gain(output, wanted, products, column, change) + drawn < 0 else { continue }
          isUp[start + column].toggle()
          seen.move(&products, column, change)
          changes += 1
        }
        if changes == 0 { break }
      }
    }
  }

  var codes: [Int8] { lower.indices.map { lower[$0] + (isUp[$0] && step[$0] > 0 ? 1 : 0) } }

  private func product(_ difference: [Float]) -> [Float] {
    [Float](unsafeUninitializedCapacity: difference.count) { slopes, count in
      difference.withUnsafeBufferPointer { product($0, into: slopes) }
      count = difference.count
    }
  }

  private func product(
    _ difference: UnsafeBufferPointer<Float>, into slopes: UnsafeMutableBufferPointer<Float>
  ) {
    gram.withUnsafeBufferPointer { gram in
      guard let slopes = slopes.baseAddress, let difference = difference.baseAddress,
        let gram = gram.baseAddress
      else { return }
      DenseAlgebra.multiply(
        rows.count, columns, columns, difference, stride: columns, gram, stride: columns, into: slopes,
        stride: columns)
    }
  }

  /// Where a variable stands between the lower code, 0, and the upper, 1.
  private static func side(_ variable: Float) -> Float {
    rectified(Logistic.value(SIMD8(repeating: variable)))[0]
  }

  private static func rectified(_ sigmoid: SIMD8<Float>) -> SIMD8<Float> {
    var h = sigmoid * (high - low) + low
    h.replace(with: 0, where: h .< 0)
    h.replace(with: 1, where: h .> 1)
    return h
  }
}

/// What the activation behind a layer leaves of its outputs on some rows of one group.
private struct ClippedOutputs: Sendable {
  private let columns: Int
  /// Rows, rounded up to whole vectors with zeros.
  private let count: Int
  private let bounds: ActivationBounds
  /// What the layer reads once the layers in front are rounded, [columns, count].
  private let inputs: [Float]
  /// The original's products, [outputs of the group, count].
  private let original: [Float]
  private let first: Int
  /// How much the squared distance from a weight counts, as the raised diagonal of a Gram matrix makes it count.
  let ridge: Float

  private static let mostRows = 2048

  /// - Returns: nil where no clipping activation follows.
  init?(_ rows: Reconstruction, _ problem: RoundingProblem, group: Int) {
    guard let bounds = rows.bounds else { return nil }
    self.bounds = bounds
    columns = rows.columns
    let taken = min(rows.count, Self.mostRows)
    count = (taken + 7) / 8 * 8
    let outputs = problem.rows / problem.groups
    first = group * outputs
    let (width, start) = (rows.groups * columns, group * columns)
    var before = [Float](repeating: 0, count: count * columns)
    var after = before
    var squares = 0.0
    for row in 0..<taken {
      let source = row * rows.count / taken * width + start
      for column in 0..<columns {
        before[row * columns + column] = rows.original[source + column]
        let value = rows.rounded[source + column]
        after[column * count + row] = value
        squares += Double(value) * Double(value)
      }
    }
    inputs = after
    original = DenseAlgebra.product(
      Array(problem.weights[first * columns..<(first + outputs) * columns]), before, outputs, columns, count,
      transposedB: true)
    ridge = Float(problem.damping * squares / Double(max(1, columns)))
  }

  func products(of weights: [Float]) -> [Float] {
    DenseAlgebra.product(weights, inputs, 1, columns, count)
  }

  /// The original's output, clipped to the bounds.
  func wanted(_ output: Int) -> [Float] {
    let start = (output - first) * count
    let (low, high) = (bounds.low[output], bounds.high[output])
    return original[start..<start + count].map { min(max($0, low), high) }
  }

  /// How the squared error changes where a weight does.
  func gain(_ output: Int, _ wanted: [Float], _ products: [Float], _ column: Int, _ change: Float) -> Float {
    let (low, high) = (SIMD8(repeating: bounds.low[output]), SIMD8(repeating: bounds.high[output]))
    var sum = SIMD8<Float>()
    wanted.withUnsafeBufferPointer { wanted in
      products.withUnsafeBufferPointer { products in
        inputs.withUnsafeBufferPointer { inputs in
          for index in stride(from: 0, to: count, by: 8) {
            let (product, want) = (Lanes.load(products, index, 8), Lanes.load(wanted, index, 8))
            let moved = product + Lanes.load(inputs, column * count + index, 8) * change
            let old = pointwiseMin(pointwiseMax(product, low), high) - want
            let new = pointwiseMin(pointwiseMax(moved, low), high) - want
            sum += (new - old) * (new + old)
          }
        }
      }
    }
    return sum.sum()
  }

  func move(_ products: inout [Float], _ column: Int, _ change: Float) {
    products.withUnsafeMutableBufferPointer { products in
      inputs.withUnsafeBufferPointer { inputs in
        for index in stride(from: 0, to: count, by: 8) {
          let moved = Lanes.load(products, index, 8) + Lanes.load(inputs, column * count + index, 8) * change
          Lanes.store(moved, products, index, 8)
        }
      }
    }
  }
}
