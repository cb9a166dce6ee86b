import GraphIR
import Kernels
import TensorCore

/// Pad in the modes constant, reflect, edge and wrap; negative pads crop.
///
/// Pads and value are attributes up to opset 10 and inputs from 11 on, where the pads must be constant and may name
/// their axes (18).
package struct PadOperator: Operator {
  package let kinds: [OperatorKind] = ["Pad"]

  package func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  /// For each output index of an axis the input index; -1 stands for the constant.
  private typealias Sources = [Int]

  package func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let pads = try Self.pads(site, type.shape)
    let dimensions = pads.enumerated().map { axis, pad in type.shape[axis] + pad.begin + pad.end }
    return [TensorType(type.dataType, try site.tabulated(dimensions))]
  }

  package func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody
  {
    let type = try site.input(0)
    let mode = try mode(site)
    let sources = try Self.pads(site, type.shape).enumerated().map { axis, pad in
      try Self.sources(site, mode, length: type.shape[axis], pad, axis: axis)
    }
    switch type.dataType.byteCount {
    case 1: return try body(site, sources, outputs[0], as: UInt8.self)
    case 2: return try body(site, sources, outputs[0], as: UInt16.self)
    case 4: return try body(site, sources, outputs[0], as: UInt32.self)
    default: return try body(site, sources, outputs[0], as: UInt64.self)
    }
  }

  private func body<Word: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ site: OperatorSite, _ sources: [Sources], _ output: TensorType, as word: Word.Type
  ) throws -> OperatorBody {
    let copy = PaddedCopy(sources, from: try site.input(0).shape, to: output.shape)
    let hasValue = site.opset >= 11 && site.optionalInput(2) != nil
    var fallback: Word = 0
    if site.opset < 11 {
      let value = try site.float("value", default: 0)
      guard value == 0 || output.dataType == .float32 else {
        throw site.attributeError("value", expected: "0 for \(output.dataType.rawValue)", found: "\(value)")
      }
      fallback = Word(truncatingIfNeeded: value.bitPattern)
    }
    let value = fallback
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Word.self) else { return }
      let filler = hasValue ? arguments.input(2, as: Word.self).pointee : value
      copy.run(from: arguments.input(0, as: Word.self), to: output, filler: filler)
    }
  }

  private enum Mode: String { case constant, reflect, edge, wrap }

  private func mode(_ site: OperatorSite) throws -> Mode {
    let choices = ["constant", "reflect", "edge", "wrap"]
    return Mode(rawValue: try site.string("mode", default: "constant", choices: choices)) ?? .constant
  }

  private static func sources(
    _ site: OperatorSite, _ mode: Mode, length: Int, _ pad: (begin: Int, end: Int), axis: Int
  ) throws -> Sources {
    let indices = -pad.begin..<(length + pad.end)
    if mode == .constant { return indices.map { (0..<length).contains($0) ? $0 : -1 } }
    if indices.isEmpty { return [] }
    guard length > 0 else { throw site.inputError(0, expected: "not empty along axis \(axis)") }
    return indices.map { index in
      switch mode {
      case .constant: return index
      case .edge: return min(max(index, 0), length - 1)
      case .wrap: return ((index % length) + length) % length
      case .reflect:
        if length == 1 { return 0 }
        let period = 2 * (length - 1)
        let place = ((index % period) + period) % period
        return place < length ? place : period - place
      }
    }
  }

  /// What is added, or cut off where negative, at both ends of each axis of the input's `shape`.
  package static func pads(_ site: OperatorSite, _ shape: Shape) throws -> [(begin: Int, end: Int)] {
    let listed = site.opset < 11 ? try site.ints("pads") : try site.constantIntegers(1)
    let axes = try site.opset >= 18 ? site.constantIntegers(3) : nil
    let places = try axes.map { try site.axes($0, rank: shape.rank) } ?? Array(0..<shape.rank)
    let limit = OperatorSite.magnitudeLimit
    guard let listed, listed.count == 2 * places.count, listed.allSatisfy({ (-limit...limit).contains($0) })
    else {
      throw site.attributeError(
        "pads", expected: "\(2 * places.count) integers", found: "\(listed.map { "\($0)" } ?? "absent")")
    }
    if let value = site.optionalInput(2), site.opset >= 11 {
      guard value.shape.count == 1, value.dataType == (try site.input(0).dataType) else {
        throw site.inputError(2, expected: "one value of the input's type")
      }
    }
    var pads = [(begin: Int, end: Int)](repeating: (0, 0), count: shape.rank)
    for (index, axis) in places.enumerated() {
      pads[axis] = (listed[index], listed[index + places.count])
      guard shape[axis] + pads[axis].begin >= 0, shape[axis] + pads[axis].end >= 0,
        shape[axis] + pads[axis].begin + pads[axis].end >= 0
      else {
        throw site.attributeError("pads", expected: "to crop at most \(shape)", found: "\(listed)")
      }
    }
    return pads
  }
}
