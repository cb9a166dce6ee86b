import GraphIR
import Kernels
import TensorCore

/// Gather: slices of the input along an axis, by indices of any shape.
struct GatherOperator: Operator {
  let kinds: [OperatorKind] = ["Gather"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: .looksUp) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let indices = try site.input(1, of: [.int32, .int64]).shape
    let axis = try site.axis(try site.int("axis", default: 0), rank: type.shape.rank)
    let d = type.shape.dimensions
    return [TensorType(type.dataType, try site.shape(d[..<axis] + indices.dimensions + d[(axis + 1)...]))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let axis = try site.axis(try site.int("axis", default: 0), rank: type.shape.rank)
    let lines = AxisLines(shape: type.shape, axis: axis)
    let width = lines.inner * type.dataType.byteCount
    let count = try site.input(1).shape.count
    let reader = try IndexReader(site, input: 1)
    return OperatorBody { arguments in
      guard var target = arguments.outputs[0] else { return }
      let (input, indices) = (arguments.input(0, as: UInt8.self), arguments.input(1, as: UInt8.self))
      for block in 0..<lines.outer {
        for place in 0..<count {
          let index = try reader.read(indices, place, limit: lines.count)
          target.copyMemory(from: input + (block * lines.count + index) * width, byteCount: width)
          target += width
        }
      }
    }
  }
}

/// GatherElements: the output at a place is the input at that place with its position along the axis replaced.
struct GatherElementsOperator: Operator {
  let kinds: [OperatorKind] = ["GatherElements"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: .looksUp) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let indices = try site.input(1, of: [.int32, .int64]).shape
    try checkElements(site, indices, within: type.shape)
    return [TensorType(type.dataType, indices)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let axis = try site.axis(try site.int("axis", default: 0), rank: type.shape.rank)
    let walk = ElementWalk(indices: outputs[0].shape, data: type.shape, axis: axis)
    let width = type.dataType.byteCount
    let reader = try IndexReader(site, input: 1)
    return OperatorBody { arguments in
      guard let output = arguments.outputs[0] else { return }
      let (input, indices) = (arguments.input(0, as: UInt8.self), arguments.input(1, as: UInt8.self))
      try walk.forEach { place, rest in
        let index = try reader.read(indices, place, limit: walk.limit)
        (output + place * width).copyMemory(
          from: input + (rest + index * walk.step) * width, byteCount: width)
      }
    }
  }
}

/// GatherND: the last axis of the indices addresses leading axes of the input, after `batch_dims` common ones.
struct GatherNDOperator: Operator {
  let kinds: [OperatorKind] = ["GatherND"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: .looksUp) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let indices = try site.input(1, of: [.int64]).shape
    let batch = try batch(site, type.shape, indices)
    let depth = indices[indices.rank - 1]
    guard (1...max(1, type.shape.rank - batch)).contains(depth) else {
      throw site.inputError(1, expected: "of 1 to \(type.shape.rank - batch) coordinates each")
    }
    return [
      TensorType(
        type.dataType,
        try site.shape(indices.dimensions.dropLast() + type.shape.dimensions.dropFirst(batch + depth)))
    ]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let indices = try site.input(1).shape
    let batch = try batch(site, type.shape, indices)
    let depth = indices[indices.rank - 1]
    let limits = Array(type.shape.dimensions[batch..<batch + depth])
    let steps = Array(type.shape.strides[batch..<batch + depth])
    let inner = type.shape.dimensions.dropFirst(batch + depth).reduce(1, *) * type.dataType.byteCount
    let batches = indices.dimensions[..<batch].reduce(1, *)
    let batchStep = type.shape.dimensions.dropFirst(batch).reduce(1, *)
    let perBatch = indices.dimensions[batch..<(indices.rank - 1)].reduce(1, *)
    let width = type.dataType.byteCount
    let reader = try IndexReader(site, input: 1)
    return OperatorBody { arguments in
      guard var target = arguments.outputs[0] else { return }
      let (input, source) = (arguments.input(0, as: UInt8.self), arguments.input(1, as: UInt8.self))
      for place in 0..<batches * perBatch {
        var offset = place / max(perBatch, 1) * batchStep
        for axis in 0..<depth {
          offset += try reader.read(source, place * depth + axis, limit: limits[axis]) * steps[axis]
        }
        target.copyMemory(from: input + offset * width, byteCount: inner)
        target += inner
      }
    }
  }

  private func batch(_ site: OperatorSite, _ data: Shape, _ indices: Shape) throws -> Int {
    let batch = try site.int("batch_dims", default: 0)
    guard indices.rank >= 1, data.rank >= 1, (0..<min(data.rank, indices.rank)).contains(batch),
      data.dimensions.prefix(batch) == indices.dimensions.prefix(batch)
    else {
      throw site.attributeError("batch_dims", expected: "axes that both inputs share", found: "\(batch)")
    }
    return batch
  }
}
