import Execution
import GraphIR
import TensorCore

/// How the samples of a batch lie in an output's elements.
package struct OutputLayout: Sendable, Hashable {
  /// Of one sample, without the axis that counts them.
  let sample: [Int]
  /// Elements of one sample.
  let size: Int
  /// Samples of one run.
  let batch: Int
  /// The output's axis that is not among those of a sample; nil where all are.
  let axis: Int?
  /// Axes of the output.
  let rank: Int
  /// Elements of a sample that stand together.
  private let inner: Int

  /// - Parameters:
  ///   - type: of the output, as planned for `batch` samples.
  ///   - declared: where the graph says that the output has its samples; nil where it does not.
  ///   - single: the output's shape in a plan for `singleBatch` samples, from which the axis that grows with them is told.
  /// - Returns: nil where no axis counts samples: the graph holds another batch size.
  init?(_ type: TensorType, batch: Int, declared: SamplePlace?, single: Shape?, singleBatch: Int) {
    let dimensions = type.shape.dimensions
    self.batch = batch
    rank = dimensions.count
    guard
      let axis = OutputLayout.axis(
        dimensions, batch: batch, declared: declared, single: single?.dimensions, singleBatch: singleBatch)
    else {
      // A single sample's output need not have an axis for it.
      guard batch == 1 else { return nil }
      self.axis = nil
      sample = dimensions
      size = type.shape.count
      inner = size
      return
    }
    var sample = dimensions
    if dimensions[axis] == batch {
      sample.remove(at: axis)
      self.axis = axis
    } else {
      self.axis = nil
      // Several rows of one sample in the place of one, as where samples and positions are one axis.
      sample[axis] /= batch
    }
    self.sample = sample
    size = type.shape.count / batch
    inner = dimensions[(axis + 1)...].reduce(dimensions[axis] / batch, *)
  }

  /// - Parameter single: the original's plan for single samples.
  /// - Throws: `EvaluationError` where the output has no samples told apart: the graph holds another batch size.
  package static func of(
    _ output: String, in plan: ModelPlan, single: ModelPlan, _ axes: SampleAxes
  ) throws -> OutputLayout {
    let batch = plan.samplesPerRun(axes)
    let found = plan.outputs.first { $0.name == output }?.type
    let layout = found.flatMap {
      OutputLayout(
        $0, batch: batch, declared: axes.outputs[output],
        single: single.outputs.first { $0.name == output }?.type.shape,
        singleBatch: single.samplesPerRun(axes))
    }
    guard let layout else {
      throw EvaluationError.output(
        expected: "\(batch) rows for as many samples", found: found.map { "\($0)" } ?? "missing")
    }
    return layout
  }

  private static func axis(
    _ dimensions: [Int], batch: Int, declared: SamplePlace?, single: [Int]?, singleBatch: Int
  ) -> Int? {
    func counts(_ axis: Int) -> Bool { dimensions.indices.contains(axis) && dimensions[axis] % batch == 0 }
    if case .axis(let axis)? = declared, dimensions.indices.contains(axis), dimensions[axis] == batch {
      return axis
    }
    if let single, single.count == dimensions.count, batch != singleBatch, singleBatch > 0 {
      return dimensions.indices.first {
        counts($0) && dimensions[$0] / batch * singleBatch == single[$0] && dimensions[$0] != single[$0]
      }
    }
    return dimensions.firstIndex(of: batch).flatMap { batch > 1 || $0 == 0 ? $0 : nil }
  }

  /// Calls `body` with the elements of the samples `rows`, one after the other.
  func forEach(
    _ rows: Range<Int>, of output: UnsafeBufferPointer<Float>, _ body: (UnsafeBufferPointer<Float>) -> Void
  ) {
    guard inner < size else {
      for row in rows { body(UnsafeBufferPointer(rebasing: output[row * size..<(row + 1) * size])) }
      return
    }
    var gathered = [Float](repeating: 0, count: size)
    for row in rows {
      for block in 0..<(inner > 0 ? size / inner : 0) {
        let start = (block * batch + row) * inner
        for index in 0..<inner { gathered[block * inner + index] = output[start + index] }
      }
      gathered.withUnsafeBufferPointer(body)
    }
  }
}
