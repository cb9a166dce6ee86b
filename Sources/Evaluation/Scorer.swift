import GraphIR
import TensorCore

/// How a task's outputs are read and judged.
struct Scorer: Sendable {
  enum Rule: Sendable {
    /// Every class number must equal the label at its place.
    case labels([Int32])
    /// Every class number must equal the original's.
    case agreement
    /// Values against targets.
    case targets([Float], variance: Double)
    /// Values against the original's.
    case values
  }

  let metric: AccuracyReading.Metric
  let rule: Rule
  /// Answers per sample.
  let positions: Int
  private let grid: ClassGrid

  /// - Parameters:
  ///   - output: the scored output's type as planned.
  ///   - sample: the shape of one sample in it.
  /// - Throws: `EvaluationError` where the output or the targets do not fit the task.
  init(data: EvaluationData, output: TensorType, sample: [Int]) throws {
    guard output.dataType != .string else {
      throw EvaluationError.output(expected: "numbers", found: "\(output)")
    }
    let size = sample.reduce(1, *)
    guard size > 0 else {
      throw EvaluationError.output(expected: "at least one value per sample", found: "\(output)")
    }
    switch data.task {
    case .classification:
      metric = .top1
      grid = ClassGrid(classes: size, first: 0, positions: 1, classStride: 1, positionStride: size)
      positions = 1
      rule = .labels(try Scorer.labels(data, perSample: 1, classes: size))
    case .sequence(let start, let length):
      guard sample.count == 2, start >= 0, length > 0, start + length <= sample[0] else {
        throw EvaluationError.output(
          expected: "[N, T, vocabulary] with T at least \(start + length)", found: "\(output)")
      }
      metric = .exactMatch
      grid = ClassGrid(
        classes: sample[1], first: start, positions: length, classStride: 1, positionStride: sample[1])
      positions = length
      rule = .labels(try Scorer.labels(data, perSample: length, classes: sample[1]))
    case .regression:
      metric = .r2
      grid = ClassGrid(classes: 0, first: 0, positions: 0, classStride: 1, positionStride: 1)
      positions = size
      rule = try Scorer.targets(data, perSample: size)
    case .fidelity:
      grid = ClassGrid(sample: sample)
      if grid.classes < 2 {
        metric = .r2
        positions = size
        rule = .values
      } else {
        metric = .fidelity
        positions = grid.positions
        rule = .agreement
      }
    }
  }

  /// Whether class numbers are compared and not values.
  var comparesClasses: Bool {
    switch rule {
    case .labels, .agreement: true
    case .targets, .values: false
    }
  }

  /// Takes the answer to one sample.
  func read(_ sample: UnsafeBufferPointer<Float>, into answers: inout Answers) {
    if comparesClasses {
      grid.appendClasses(of: sample, to: &answers.classes)
    } else {
      answers.values += sample
    }
  }

  private static func labels(_ data: EvaluationData, perSample: Int, classes: Int) throws -> [Int32] {
    guard let targets = data.targets, targets.count == data.count * perSample else {
      throw EvaluationError.targets(
        data: data.name, expected: "\(perSample) per sample",
        found: data.targets.map { "\($0.shape)" } ?? "missing")
    }
    return try targets.integers.map { label in
      guard (0..<classes).contains(label), let narrow = Int32(exactly: label) else {
        throw EvaluationError.targets(
          data: data.name, expected: "class numbers from 0 to \(classes - 1), as the output has",
          found: "\(label)")
      }
      return narrow
    }
  }

  private static func targets(_ data: EvaluationData, perSample: Int) throws -> Rule {
    guard let targets = data.targets, targets.count == data.count * perSample else {
      throw EvaluationError.targets(
        data: data.name, expected: "shaped as the output, \(perSample) per sample",
        found: data.targets.map { "\($0.shape)" } ?? "missing")
    }
    let values = targets.floats
    let variance = SpreadOfValues.variance(values, perSample: perSample)
    guard variance > 0, variance.isFinite else {
      throw EvaluationError.targets(
        data: data.name, expected: "finite numbers that differ between samples",
        found: "all the same or undefined")
    }
    return .targets(values, variance: variance)
  }
}

enum SpreadOfValues {
  /// Variance over the samples of each of a sample's values, summed: what a constant guess would miss on average.
  static func variance(_ values: [Float], perSample: Int) -> Double {
    guard perSample > 0, values.count >= perSample else { return 0 }
    let samples = values.count / perSample
    var total = 0.0
    for place in 0..<perSample {
      let column = stride(from: place, to: samples * perSample, by: perSample).map { Double(values[$0]) }
      let mean = column.reduce(0, +) / Double(samples)
      total += column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples)
    }
    return total
  }
}

/// Where the scores of each class lie inside a sample's output.
struct ClassGrid: Sendable {
  let classes: Int
  let first: Int
  let positions: Int
  let classStride: Int
  let positionStride: Int

  init(classes: Int, first: Int, positions: Int, classStride: Int, positionStride: Int) {
    self.classes = classes
    self.first = first
    self.positions = positions
    self.classStride = classStride
    self.positionStride = positionStride
  }

  /// Of an output whose meaning is not told: classes along the last axis, or along the first where a picture follows.
  init(sample: [Int]) {
    let size = sample.reduce(1, *)
    if sample.count >= 3 {
      let area = size / max(sample[0], 1)
      self.init(classes: sample[0], first: 0, positions: area, classStride: area, positionStride: 1)
    } else {
      let classes = sample.last ?? 1
      self.init(
        classes: classes, first: 0, positions: size / max(classes, 1), classStride: 1, positionStride: classes
      )
    }
  }

  func appendClasses(of sample: UnsafeBufferPointer<Float>, to classes: inout [Int32]) {
    for position in first..<first + positions {
      let start = position * positionStride
      var best: Int32 = -1
      var score = -Float.infinity
      for index in 0..<self.classes {
        let value = sample[start + index * classStride]
        if value.isNaN {
          best = -1
          break
        }
        if best < 0 || value > score {
          best = Int32(index)
          score = value
        }
      }
      classes.append(best)
    }
  }
}
