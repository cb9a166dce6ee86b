import GraphIR
import Kernels
import TensorCore

/// Concat along an axis.
struct ConcatOperator: Operator {
  let kinds: [OperatorKind] = ["Concat"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let first = try site.input(0)
    let axis = try axis(site, first.shape)
    var dimensions = first.shape.dimensions
    for index in site.inputs.indices.dropFirst() {
      let other = try site.input(index)
      var matching = other.shape.dimensions
      if matching.indices.contains(axis) { matching[axis] = first.shape[axis] }
      guard other.dataType == first.dataType, matching == first.shape.dimensions else {
        throw site.inputError(index, expected: "\(first) except along axis \(axis)")
      }
      dimensions[axis] += other.shape[axis]
    }
    return [TensorType(first.dataType, try site.shape(dimensions))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = outputs[0].shape
    let axis = try axis(site, try site.input(0).shape)
    let bytes = outputs[0].dataType.byteCount * shape.dimensions[(axis + 1)...].reduce(1, *)
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let widths = try site.inputs.indices.map { try site.input($0).shape[axis] * bytes }
    return OperatorBody { arguments in
      guard var target = arguments.outputs[0] else { return }
      for row in 0..<outer {
        for (index, width) in widths.enumerated() where width > 0 {
          target.copyMemory(from: arguments.input(index, as: UInt8.self) + row * width, byteCount: width)
          target += width
        }
      }
    }
  }

  private func axis(_ site: OperatorSite, _ shape: Shape) throws -> Int {
    guard let axis = try site.int("axis") else {
      throw site.attributeError("axis", expected: "given", found: "absent")
    }
    return try site.axis(axis, rank: shape.rank)
  }
}
