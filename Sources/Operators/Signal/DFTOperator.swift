import GraphIR
import Kernels
import TensorCore

/// DFT along an axis of real [..., 1] or complex [..., 2] data; `onesided` keeps the first half of a forward transform, and
/// takes it in an inverse one, whose output is real. A given length crops the axis or fills it with zeros.
struct DFTOperator: Operator {
  let kinds: [OperatorKind] = ["DFT"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .structured(.uncounted("its algorithm depends on the length"))
  }

  private struct Plan: Sendable {
    let lines: AxisLines
    let isComplex: Bool
    let isInverse: Bool
    let isOnesided: Bool
    let length: Int
    let outputLength: Int
    let output: Shape
    /// Values per output element: 2, or 1 for the real result of a onesided inverse.
    let outputParts: Int

    init(_ site: OperatorSite) throws {
      let shape = try site.input(0).shape
      guard shape.rank >= 2, let parts = shape.dimensions.last, parts == 1 || parts == 2 else {
        throw site.inputError(0, expected: "real [..., 1] or complex [..., 2]")
      }
      isComplex = parts == 2
      isInverse = try site.flag("inverse")
      isOnesided = try site.flag("onesided")
      let given =
        site.opset >= 20
        ? try site.constantIntegers(2)?.first ?? -2 : try site.int("axis", default: 1)
      let axis = try site.axis(given, rank: shape.rank)
      guard axis != shape.rank - 1 else {
        throw site.attributeError("axis", expected: "an axis before the last", found: "\(given)")
      }
      let own = shape[axis]
      let isReal = isInverse && isOnesided
      let wanted = try site.constantIntegers(1)?.first
      length = wanted ?? (isReal ? 2 * max(own - 1, 0) : own)
      guard length >= 1, length <= OperatorLimits.longestTable else {
        throw site.inputError(1, expected: "a length of at least 1")
      }
      outputLength = isOnesided && !isInverse ? length / 2 + 1 : length
      outputParts = isReal ? 1 : 2
      // Complex pairs are the innermost of a line's places.
      lines = AxisLines(
        shape: try site.shape(Array(shape.dimensions.dropLast())), axis: axis)
      var dimensions = shape.dimensions
      dimensions[axis] = outputLength
      dimensions[dimensions.count - 1] = outputParts
      output = try site.shape(dimensions)
      let (cost, overflow) = FourierTransform.cost(length).multipliedReportingOverflow(
        by: max(lines.outer * lines.inner, 1))
      guard !overflow, cost <= 1 << 36 else {
        throw OperatorError.tooLarge(
          kind: site.kind, node: site.node.name, shape: dimensions, limit: OperatorLimits.largestValueBytes)
      }
    }
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    return [TensorType(type.dataType, try Plan(site).output)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(0, Visitor(plan: try Plan(site)))
  }

  private struct Visitor: RealVisitor {
    let plan: Plan

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      let transform = FourierTransform(length: plan.length, isInverse: plan.isInverse)
      return OperatorBody { [plan] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let input = arguments.input(0, as: Element.self)
        let (lines, parts) = (plan.lines, plan.isComplex ? 2 : 1)
        lines.forEach { line, start in
          var values = [(real: Double, imaginary: Double)](repeating: (0, 0), count: plan.length)
          for place in 0..<min(lines.count, plan.length) {
            let at = (start + place * lines.inner) * parts
            values[place] = (Double(input[at]), plan.isComplex ? Double(input[at + 1]) : 0)
          }
          if plan.outputParts == 1 {
            // The other half are the conjugates.
            for place in stride(from: plan.length / 2 + 1, to: plan.length, by: 1) {
              let mirror = values[plan.length - place]
              values[place] = (mirror.real, -mirror.imaginary)
            }
            values[0].imaginary = 0
            if plan.length % 2 == 0 { values[plan.length / 2].imaginary = 0 }
          }
          let result = transform.transformed(values)
          let scale = plan.isInverse ? 1 / Double(plan.length) : 1
          let (block, inner) = (line / lines.inner, line % lines.inner)
          for place in 0..<plan.outputLength {
            let at = ((block * plan.outputLength + place) * lines.inner + inner) * plan.outputParts
            output[at] = Element(result[place].real * scale)
            if plan.outputParts == 2 { output[at + 1] = Element(result[place].imaginary * scale) }
          }
        }
      }
    }
  }
}

/// STFT: Fourier transforms of windowed frames of a signal [batch, length, 1 or 2], every `frame_step` samples; output
/// [batch, frames, bins, 2].
struct STFTOperator: Operator {
  let kinds: [OperatorKind] = ["STFT"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .structured(.uncounted("its algorithm depends on the length"))
  }

  private struct Plan: Sendable {
    let batch, length, parts, step, frame, frames, bins: Int

    init(_ site: OperatorSite) throws {
      let shape = try site.input(0).shape
      guard shape.rank == 2 || (shape.rank == 3 && (1...2).contains(shape[2])) else {
        throw site.inputError(0, expected: "a signal [batch, length, 1 or 2]")
      }
      (batch, length, parts) = (shape[0], shape[1], shape.rank == 3 ? shape[2] : 1)
      step = try site.requiredConstant(1).integers.first ?? 0
      let window = site.optionalInput(2)
      let type = try site.input(0).dataType
      if let window, window.shape.rank != 1 || window.dataType != type {
        throw site.inputError(2, expected: "a list of the signal's type")
      }
      let given = try site.constantIntegers(3)?.first
      let windowSize = window?.shape.count
      frame = given ?? windowSize ?? length
      guard step >= 1, frame >= 1, frame <= length, windowSize == nil || windowSize == frame else {
        throw site.inputError(
          3, expected: "at most \(length) and as long as the window, with a step of at least 1")
      }
      frames = (length - frame) / step + 1
      let isOnesided = try site.flag("onesided", default: true)
      guard parts == 1 || !isOnesided else {
        throw site.attributeError("onesided", expected: "0 for a complex signal", found: "1")
      }
      bins = isOnesided ? frame / 2 + 1 : frame
      let (cost, overflow) = FourierTransform.cost(frame).multipliedReportingOverflow(
        by: max(try site.product(batch, frames), 1))
      guard !overflow, cost <= 1 << 36 else {
        throw OperatorError.tooLarge(
          kind: site.kind, node: site.node.name, shape: [batch, frames, frame],
          limit: OperatorLimits.largestValueBytes)
      }
    }
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    let plan = try Plan(site)
    return [TensorType(type.dataType, try site.shape([plan.batch, plan.frames, plan.bins, 2]))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(0, Visitor(plan: try Plan(site), hasWindow: site.optionalInput(2) != nil))
  }

  private struct Visitor: RealVisitor {
    let plan: Plan
    let hasWindow: Bool

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      let transform = FourierTransform(length: plan.frame, isInverse: false)
      return OperatorBody { [plan, hasWindow] arguments in
        guard var output = arguments.output(0, as: Element.self) else { return }
        let signal = arguments.input(0, as: Element.self)
        let window = hasWindow ? arguments.input(2, as: Element.self) : nil
        for sample in 0..<plan.batch {
          for frame in 0..<plan.frames {
            let values = (0..<plan.frame).map { place -> (real: Double, imaginary: Double) in
              let at = (sample * plan.length + frame * plan.step + place) * plan.parts
              let weight = window.map { Double($0[place]) } ?? 1
              return (Double(signal[at]) * weight, plan.parts == 2 ? Double(signal[at + 1]) * weight : 0)
            }
            let result = transform.transformed(values)
            for bin in 0..<plan.bins {
              output[0] = Element(result[bin].real)
              output[1] = Element(result[bin].imaginary)
              output += 2
            }
          }
        }
      }
    }
  }
}
