import GraphIR
import Kernels
import TensorCore

/// Split along an axis: into the sizes given (attribute, or constant input from opset 13), or into equal parts, of which
/// the last may be smaller from opset 18 on.
struct SplitOperator: Operator {
  let kinds: [OperatorKind] = ["Split"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let axis = try site.axis(try site.int("axis", default: 0), rank: type.shape.rank)
    return try sizes(site, type.shape[axis]).map { size in
      var dimensions = type.shape.dimensions
      dimensions[axis] = size
      return TensorType(type.dataType, try site.shape(dimensions))
    }
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let axis = try site.axis(try site.int("axis", default: 0), rank: type.shape.rank)
    let bytes = type.dataType.byteCount * type.shape.dimensions[(axis + 1)...].reduce(1, *)
    let outer = type.shape.dimensions[..<axis].reduce(1, *)
    let widths = outputs.map { $0.shape[axis] * bytes }
    return OperatorBody { arguments in
      var source = arguments.input(0, as: UInt8.self)
      for row in 0..<outer {
        for (index, width) in widths.enumerated() {
          if let output = arguments.outputs[index] {
            (output + row * width).copyMemory(from: source, byteCount: width)
          }
          source += width
        }
      }
    }
  }

  private func sizes(_ site: OperatorSite, _ length: Int) throws -> [Int] {
    let parts = try site.int("num_outputs", default: site.node.outputs.count)
    if let sizes = try site.constantIntegers(1) ?? site.ints("split") {
      let isWhole = sizes.allSatisfy { (0...length).contains($0) } && sizes.reduce(0, { $0 &+ $1 }) == length
      guard isWhole, sizes.count == site.node.outputs.count else {
        throw site.attributeError(
          "split", expected: "\(site.node.outputs.count) sizes that add up to \(length)", found: "\(sizes)")
      }
      return sizes
    }
    guard parts == site.node.outputs.count, parts >= 1 else {
      throw OperatorError.outputs(
        kind: site.kind, node: site.node.name, expected: parts, found: site.node.outputs.count)
    }
    let size = (length + parts - 1) / parts
    guard site.opset >= 18 ? size * (parts - 1) <= length : length % parts == 0 else {
      throw site.inputError(0, expected: "divisible into \(parts) parts")
    }
    return [Int](repeating: size, count: parts - 1) + [length - size * (parts - 1)]
  }
}
