import TensorCore

/// Copies a tensor into a larger or smaller one, in runs as long as they are contiguous on both sides; what comes from
/// nowhere is filled with one value.
struct PaddedCopy: Sendable {
  /// Places along an axis, one after the other: copied from `source` on, or filled where that is nil.
  private struct Run {
    let source: Int?
    var count: Int
  }

  /// The axes that change, and those in front of them.
  private let axes: [[Run]]
  /// Elements from one place of an axis to the next.
  private let from: [Int]
  private let to: [Int]
  private let count: Int

  /// - Parameter sources: for each place of each axis of the output the place in the input, or -1.
  init(_ sources: [[Int]], from input: Shape, to output: Shape) {
    let isWhole = { (axis: Int) in
      sources[axis].count == input[axis] && zip(sources[axis], 0...).allSatisfy { $0 == $1 }
    }
    // Axes behind the last that changes lie together in every place of it.
    let kept = (sources.indices.last { !isWhole($0) } ?? -1) + 1
    axes = sources[..<kept].map(Self.runs)
    (from, to, count) = (input.strides, output.strides, output.count)
  }

  private static func runs(_ sources: [Int]) -> [Run] {
    var runs: [Run] = []
    for source in sources {
      if let last = runs.last,
        source < 0 ? last.source == nil : last.source.map({ $0 + last.count }) == source
      {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(Run(source: source < 0 ? nil : source, count: 1))
      }
    }
    return runs
  }

  func run<Word: BitwiseCopyable>(
    from input: UnsafePointer<Word>, to output: UnsafeMutablePointer<Word>, filler: Word
  ) {
    if axes.isEmpty { return output.update(from: input, count: count) }
    copy(0, input, output, filler)
  }

  private func copy<Word: BitwiseCopyable>(
    _ axis: Int, _ input: UnsafePointer<Word>, _ output: UnsafeMutablePointer<Word>, _ filler: Word
  ) {
    var target = output
    for run in axes[axis] {
      let next = target + run.count * to[axis]
      if let source = run.source {
        var first = input + source * from[axis]
        if axis == axes.count - 1 {
          target.update(from: first, count: run.count * to[axis])
        } else if axis == axes.count - 2 {
          copyRows(run.count, first, target, filler)
        } else {
          while target < next {
            copy(axis + 1, first, target, filler)
            first += from[axis]
            target += to[axis]
          }
        }
      } else {
        target.update(repeating: filler, count: run.count * to[axis])
      }
      target = next
    }
  }

  /// Rows along the last axis that changes, which may be short and many: a pixel's channels.
  private func copyRows<Word: BitwiseCopyable>(
    _ count: Int, _ input: UnsafePointer<Word>, _ output: UnsafeMutablePointer<Word>, _ filler: Word
  ) {
    let last = axes.count - 1
    let (fromRow, toRow, fromUnit, toUnit) = (from[last - 1], to[last - 1], from[last], to[last])
    axes[last].withUnsafeBufferPointer { runs in
      for row in 0..<count {
        let first = input + row * fromRow
        var target = output + row * toRow
        for run in runs {
          let length = run.count * toUnit
          if let source = run.source {
            target.update(from: first + source * fromUnit, count: length)
          } else {
            for place in 0..<length { target[place] = filler }
          }
          target += length
        }
      }
    }
  }
}
