import GraphIR
import Kernels
import TensorCore

/// Shape: the input's dimensions from `start` to `end` (opset 15) as int64.
struct ShapeOperator: Operator {
  let kinds: [OperatorKind] = ["Shape"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: .typeOnly) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    [TensorType(.int64, try site.shape([try dimensions(site).count]))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let dimensions = try dimensions(site)
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Int64.self) else { return }
      for (axis, dimension) in dimensions.enumerated() { output[axis] = Int64(dimension) }
    }
  }

  private func dimensions(_ site: OperatorSite) throws -> ArraySlice<Int> {
    let shape = try site.input(0).shape
    func place(_ name: String, _ fallback: Int) throws -> Int {
      let value = try site.int(name, default: fallback)
      return min(max(value < 0 ? value + shape.rank : value, 0), shape.rank)
    }
    let (start, end) = (try place("start", 0), try place("end", shape.rank))
    return shape.dimensions[start..<max(start, end)]
  }
}

/// Size: the input's element count as int64.
struct SizeOperator: Operator {
  let kinds: [OperatorKind] = ["Size"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: .typeOnly) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    _ = try site.input(0)
    return [TensorType(.int64, [])]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let count = Int64(try site.input(0).shape.count)
    return OperatorBody { $0.output(0, as: Int64.self)?.pointee = count }
  }
}
