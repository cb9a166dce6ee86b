import GraphIR
import Kernels
import TensorCore

/// Expand: broadcasts with a constant shape, in both directions.
struct ExpandOperator: Operator {
  let kinds: [OperatorKind] = ["Expand"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let wanted = try site.shape(try site.constantIntegers(1) ?? [])
    return [TensorType(type.dataType, try site.broadcast([type.shape, wanted]))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    return copyBody(
      StridedCopy(LoopNest(broadcasting: [type.shape], to: outputs[0].shape), of: type.dataType))
  }
}

/// Tile: repeats every axis a constant number of times.
struct TileOperator: Operator {
  let kinds: [OperatorKind] = ["Tile"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let repeats = try repeats(site, type.shape)
    let dimensions = try zip(type.shape.dimensions, repeats).map { dimension, count in
      try site.shape([dimension, count]).count
    }
    return [TensorType(type.dataType, try site.shape(dimensions))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let repeats = try repeats(site, type.shape)
    // Every axis becomes two: the repetition, which reads the same place again, and the axis itself.
    var extents: [Int] = []
    var strides: [SIMD4<Int>] = []
    let (from, to) = (type.shape.strides, outputs[0].shape.strides)
    for axis in type.shape.dimensions.indices {
      extents += [repeats[axis], type.shape[axis]]
      strides += [SIMD4(0, 0, 0, to[axis] * type.shape[axis]), SIMD4(from[axis], 0, 0, to[axis])]
    }
    return copyBody(StridedCopy(LoopNest(extents: extents, strides: strides), of: type.dataType))
  }

  private func repeats(_ site: OperatorSite, _ shape: Shape) throws -> [Int] {
    let repeats = try site.constantIntegers(1) ?? []
    guard repeats.count == shape.rank, repeats.allSatisfy({ $0 >= 0 }) else {
      throw site.attributeError(
        "repeats", expected: "\(shape.rank) counts of at least 0", found: "\(repeats)")
    }
    return repeats
  }
}
