import GraphIR
import Kernels
import Operators
import TensorCore

/// Cuts nodes that compute each piece of their first long axis from the same piece of their inputs, as their operators'
/// traits say.
enum OperatorSlicing {
  /// - Parameter site: the node with its stored types, as it would be prepared whole.
  static func slicing(
    _ site: OperatorSite, outputs: [TensorType], with found: any Operator, table: KernelTable
  ) -> Slicing? {
    guard outputs.count == 1, let axis = outputs[0].shape.dimensions.firstIndex(where: { $0 > 1 }),
      let cuts = cuts(site, found.traits(of: site.node.kind), output: outputs[0].shape, axis: axis)
    else { return nil }
    let output = outputs[0]
    let count = output.shape[axis]
    return Slicing(
      count: count,
      inputStrides: zip(site.inputs, cuts).map { $1 == nil ? 0 : ($0?.byteCount ?? 0) / count },
      outputStrides: [output.byteCount / count], isSamples: axis == 0
    ) { range in
      func part(_ type: TensorType, _ axis: Int) -> TensorType {
        var dimensions = type.shape.dimensions
        dimensions[axis] = range.count
        return TensorType(type.dataType, Shape(known: dimensions))
      }
      let smaller = OperatorSite(
        node: site.node, opset: site.opset,
        inputs: zip(site.inputs, cuts).map { type, cut in
          guard let type, let cut else { return type }
          return part(type, cut)
        },
        constants: zip(site.constants, cuts).map { $1 == nil ? $0 : nil })
      return try found.prepare(smaller, outputs: [part(output, axis)], table: table)
    }
  }

  /// The axis along which each input is cut with `axis` of the output, nil for one that every piece reads whole; nil where
  /// that axis cannot be cut.
  private static func cuts(_ site: OperatorSite, _ traits: OperatorTraits, output: Shape, axis: Int)
    -> [Int?]?
  {
    switch traits.form {
    case .pointwise(let form): form.holds(at: site) ? cuts(site, form, output: output, axis: axis) : nil
    case .rowwise(let form): cuts(site, form, output: output, axis: axis)
    case .structured, .opaque: nil
    }
  }

  /// Operands are aligned at their last axes, as broadcasting does.
  private static func cuts(_ site: OperatorSite, _ form: PointwiseForm, output: Shape, axis: Int) -> [Int?]? {
    var cuts: [Int?] = []
    for (place, type) in site.inputs.enumerated() {
      guard form.reads(place), let shape = type?.shape, axis >= output.rank - shape.rank else {
        cuts.append(nil)
        continue
      }
      let own = axis - (output.rank - shape.rank)
      guard shape[own] == output[axis] || shape[own] == 1 else { return nil }
      cuts.append(shape[own] == 1 ? nil : own)
    }
    return cuts
  }

  /// In front of the rows the first input has the output's axes.
  private static func cuts(_ site: OperatorSite, _ form: RowwiseForm, output: Shape, axis: Int) -> [Int?]? {
    guard let axes = form.axes(at: site), let shape = site.inputs.first.flatMap({ $0 })?.shape,
      axis < axes.first ?? shape.rank, shape[axis] == output[axis]
    else { return nil }
    return [axis] + site.inputs.dropFirst().map { _ in nil }
  }
}
