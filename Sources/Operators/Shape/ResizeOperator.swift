import Glibc
import GraphIR
import Kernels
import TensorCore

/// Resize (opset 10 on) and Upsample (7, 9) in the modes nearest, linear and cubic, with or without antialiasing, any rank,
/// every coordinate convention.
///
/// Scales or sizes must be constant. Nearest takes any type, the others floating-point ones.
struct ResizeOperator: Operator {
  let kinds: [OperatorKind] = ["Resize", "Upsample"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let target = try ResizeTarget(site)
    if try ResizeSampling(site).mixes { try site.input(0, of: DataType.real) }
    return [TensorType(type.dataType, try site.tabulated(target.sizes))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let target = try ResizeTarget(site)
    let sampling = try ResizeSampling(site)
    if sampling.needsTaps || (sampling.isLinear && type.dataType == .float64) {
      return try weighted(site, target, sampling)
    }
    // One axis after another, each reading what the last one wrote; untouched axes are left out.
    var dimensions = type.shape.dimensions
    var steps: [(lines: AxisLines, samples: [ResizeSample])] = []
    for axis in dimensions.indices where target.sizes[axis] != dimensions[axis] || target.scales[axis] != 1 {
      let lines = AxisLines(shape: try site.shape(dimensions), axis: axis)
      steps.append(
        (
          lines,
          sampling.samples(length: dimensions[axis], size: target.sizes[axis], scale: target.scales[axis])
        ))
      dimensions[axis] = target.sizes[axis]
    }
    if steps.isEmpty || outputs[0].shape.count == 0 { return viewBody(byteCount: outputs[0].byteCount) }
    let largest = steps.map { $0.lines.outer * $0.samples.count * $0.lines.inner }.max() ?? 0
    _ = try site.shape([largest])
    if sampling.isLinear { return Self.linear(steps, largest) }
    switch type.dataType.byteCount {
    case 1: return Self.nearest(steps, largest, UInt8.self)
    case 2: return Self.nearest(steps, largest, UInt16.self)
    case 4: return Self.nearest(steps, largest, UInt32.self)
    default: return Self.nearest(steps, largest, UInt64.self)
    }
  }

  /// By lists of weighted places, one axis after another.
  private func weighted(_ site: OperatorSite, _ target: ResizeTarget, _ sampling: ResizeSampling) throws
    -> OperatorBody
  {
    let shape = try site.input(0).shape
    var dimensions = shape.dimensions
    var steps: [(lines: AxisLines, taps: [[ResizeTap]])] = []
    var largest = 1
    for axis in dimensions.indices {
      let region = target.regions[axis]
      let isWhole = !sampling.isRegion || (region.start == 0 && region.end == 1)
      if target.sizes[axis] == dimensions[axis], target.scales[axis] == 1, isWhole { continue }
      guard dimensions[axis] > 0 else { throw site.inputError(0, expected: "not empty along axis \(axis)") }
      let lines = AxisLines(shape: try site.shape(dimensions), axis: axis)
      let taps = sampling.taps(
        length: dimensions[axis], size: target.sizes[axis], scale: target.scales[axis], region: region)
      steps.append((lines, taps))
      dimensions[axis] = target.sizes[axis]
      largest = max(largest, try site.shape(dimensions).count)
    }
    if steps.isEmpty { return viewBody(byteCount: try site.input(0).byteCount) }
    return try site.dispatchReal(
      0, Weighted(steps: steps, largest: largest, extrapolation: sampling.extrapolation))
  }

  private struct Weighted: RealVisitor {
    let steps: [(lines: AxisLines, taps: [[ResizeTap]])]
    let largest: Int
    let extrapolation: Double

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      let half = aligned(largest * MemoryLayout<Element>.stride)
      return OperatorBody(scratchBytes: 2 * half) { [steps, extrapolation] arguments in
        guard let final = arguments.output(0, as: Element.self) else { return }
        var source = arguments.input(0, as: Element.self)
        for (number, step) in steps.enumerated() {
          let isLast = number == steps.count - 1
          let target = isLast ? final : arguments.scratch(at: number % 2 * half, as: Element.self)
          let lines = step.lines
          for block in 0..<lines.outer {
            for (place, taps) in step.taps.enumerated() {
              let to = target + (block * step.taps.count + place) * lines.inner
              for inner in 0..<lines.inner {
                var sum = taps.isEmpty ? extrapolation : 0
                for tap in taps {
                  sum +=
                    tap.weight * Double(source[(block * lines.count + tap.index) * lines.inner + inner])
                }
                to[inner] = Element(sum)
              }
            }
          }
          source = UnsafePointer(target)
        }
      }
    }
  }

  private static func linear(_ steps: [(lines: AxisLines, samples: [ResizeSample])], _ largest: Int)
    -> OperatorBody
  {
    passes(steps, largest, Float.self) { low, high, weight, count, output in
      if weight == 0 { return output.update(from: low, count: count) }
      for index in 0..<count { output[index] = low[index] * (1 - weight) + high[index] * weight }
    }
  }

  private static func nearest<Word: BitwiseCopyable & Sendable>(
    _ steps: [(lines: AxisLines, samples: [ResizeSample])], _ largest: Int, _ word: Word.Type
  ) -> OperatorBody {
    passes(steps, largest, word) { low, _, _, count, output in output.update(from: low, count: count) }
  }

  private static func passes<Word: BitwiseCopyable & Sendable>(
    _ steps: [(lines: AxisLines, samples: [ResizeSample])], _ largest: Int, _ word: Word.Type,
    _ mix:
      @escaping @Sendable (
        UnsafePointer<Word>, UnsafePointer<Word>, Float, Int, UnsafeMutablePointer<Word>
      ) -> Void
  ) -> OperatorBody {
    let half = aligned(largest * MemoryLayout<Word>.stride)
    return OperatorBody(scratchBytes: steps.count > 1 ? 2 * half : 0) { arguments in
      guard let final = arguments.output(0, as: Word.self) else { return }
      var source = arguments.input(0, as: Word.self)
      for (number, step) in steps.enumerated() {
        let isLast = number == steps.count - 1
        let target = isLast ? final : arguments.scratch(at: number % 2 * half, as: Word.self)
        let (lines, samples) = (step.lines, step.samples)
        for block in 0..<lines.outer {
          let from = source + block * lines.count * lines.inner
          var to = target + block * samples.count * lines.inner
          for sample in samples {
            mix(
              from + sample.low * lines.inner, from + sample.high * lines.inner, sample.weight, lines.inner,
              to)
            to += lines.inner
          }
        }
        source = UnsafePointer(target)
      }
    }
  }
}
