import GraphIR
import Kernels
import TensorCore

/// Slice: starts, ends, axes and steps from attributes (opset 7 to 9) or constant inputs; out-of-range bounds are clamped.
struct SliceOperator: Operator {
  let kinds: [OperatorKind] = ["Slice"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: .picks) }

  private struct Part {
    var start = 0
    var step = 1
    var count: Int
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    return [TensorType(type.dataType, try site.shape(try parts(site, type.shape).map(\.count)))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let parts = try parts(site, type.shape)
    let (from, to) = (type.shape.strides, outputs[0].shape.strides)
    let strides = parts.enumerated().map { axis, part in
      // A part of one element needs no step, which might be huge.
      SIMD4(part.count > 1 ? part.step * from[axis] : 0, 0, 0, to[axis])
    }
    let nest = LoopNest(extents: parts.map(\.count), strides: strides)
    let offset = zip(parts, from).reduce(0) { $0 + $1.0.start * $1.1 }
    return copyBody(StridedCopy(nest, of: type.dataType), offset: outputs[0].shape.count == 0 ? 0 : offset)
  }

  private func parts(_ site: OperatorSite, _ shape: Shape) throws -> [Part] {
    let isAttribute = site.opset < 10
    let starts = isAttribute ? try site.ints("starts") : try site.constantIntegers(1)
    let ends = isAttribute ? try site.ints("ends") : try site.constantIntegers(2)
    guard let starts, let ends, starts.count == ends.count else {
      throw site.attributeError(
        "starts", expected: "as many as ends", found: "\(starts ?? []) and \(ends ?? [])")
    }
    let given = isAttribute ? try site.ints("axes") : try site.constantIntegers(3)
    let axes = try site.axes(given ?? Array(0..<starts.count), rank: shape.rank)
    let steps = (isAttribute ? nil : try site.constantIntegers(4)) ?? [Int](repeating: 1, count: starts.count)
    guard axes.count == starts.count, steps.count == starts.count, !steps.contains(0) else {
      throw site.attributeError(
        "steps", expected: "\(starts.count) axes and steps, none 0", found: "\(steps)")
    }
    var parts = shape.dimensions.map { Part(count: $0) }
    for (index, axis) in axes.enumerated() {
      parts[axis] = Self.part(
        start: starts[index], end: ends[index], step: steps[index], length: shape[axis])
    }
    return parts
  }

  private static func part(start: Int, end: Int, step: Int, length: Int) -> Part {
    // Steps beyond any length act alike; held small so that nothing overflows.
    let step = min(max(step, -(length + 1)), length + 1)
    func clamped(_ value: Int, _ range: ClosedRange<Int>) -> Int {
      let positive = value < 0 ? value + length : value
      return min(max(positive, range.lowerBound), range.upperBound)
    }
    if length == 0 { return Part(count: 0) }
    if step > 0 {
      let (first, last) = (clamped(start, 0...length), clamped(end, 0...length))
      return Part(start: first, step: step, count: max(0, (last - first + step - 1) / step))
    }
    let (first, last) = (clamped(start, 0...length - 1), clamped(end, -1...length - 1))
    return Part(start: first, step: step, count: max(0, (first - last - step - 1) / -step))
  }
}
