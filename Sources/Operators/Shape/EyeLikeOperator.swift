import GraphIR
import Kernels
import TensorCore

/// EyeLike: ones on a diagonal, in the shape of a matrix.
struct EyeLikeOperator: Operator {
  let kinds: [OperatorKind] = ["EyeLike"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .opaque("it reads a shape alone", promises: .typeOnly)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let input = try site.input(0)
    guard input.shape.rank == 2 else { throw site.inputError(0, expected: "a matrix") }
    let code = try site.int("dtype", default: input.dataType.onnxCode)
    guard let type = DataType(onnxCode: code), DataType.plain.contains(type) else {
      throw site.attributeError("dtype", expected: "the code of a numeric type", found: "\(code)")
    }
    return [TensorType(type, input.shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let (rows, columns) = (outputs[0].shape[0], outputs[0].shape[1])
    let target = ElementAccess(type: outputs[0].dataType)
    let byteCount = outputs[0].byteCount
    let given = try site.int("k", default: 0)
    let shift = min(max(given, -rows), columns)
    return OperatorBody { arguments in
      guard let output = arguments.outputs[0] else { return }
      output.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
      for row in 0..<rows where (0..<columns).contains(row + shift) {
        target.write(1, to: output, row * columns + row + shift)
      }
    }
  }
}

/// ReverseSequence: the first elements along the time axis, as many as each sample's length says, in reverse.
struct ReverseSequenceOperator: Operator {
  let kinds: [OperatorKind] = ["ReverseSequence"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  private static func axes(_ site: OperatorSite, _ shape: Shape) throws -> (time: Int, batch: Int) {
    let time = try site.int("time_axis", default: 0)
    let batch = try site.int("batch_axis", default: 1)
    guard shape.rank >= 2, (time == 0 && batch == 1) || (time == 1 && batch == 0) else {
      throw site.attributeError("time_axis", expected: "0 or 1, the other for the batch", found: "\(time)")
    }
    return (time, batch)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let axes = try Self.axes(site, type.shape)
    guard try site.input(1, of: [.int64]).shape.dimensions == [type.shape[axes.batch]] else {
      throw site.inputError(1, expected: "int64[\(type.shape[axes.batch])]")
    }
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = outputs[0].shape
    let axes = try Self.axes(site, shape)
    let (steps, samples) = (shape[axes.time], shape[axes.batch])
    let width = shape.dimensions.dropFirst(2).reduce(outputs[0].dataType.byteCount, *)
    let (kind, name) = (site.kind, site.node.name)
    return OperatorBody { arguments in
      guard let output = arguments.outputs[0] else { return }
      let (input, lengths) = (arguments.input(0, as: UInt8.self), arguments.input(1, as: Int64.self))
      func offset(_ step: Int, _ sample: Int) -> Int {
        (axes.time == 0 ? step * samples + sample : sample * steps + step) * width
      }
      for sample in 0..<samples {
        let length = Int(clamping: lengths[sample])
        guard (0...steps).contains(length) else {
          throw OperatorError.index(kind: kind, node: name, found: length, limit: steps + 1)
        }
        for step in 0..<steps {
          let from = step < length ? length - 1 - step : step
          (output + offset(step, sample)).copyMemory(from: input + offset(from, sample), byteCount: width)
        }
      }
    }
  }
}

/// CenterCropPad: axes cropped or filled with zeros, evenly on both sides, to constant sizes.
struct CenterCropPadOperator: Operator {
  let kinds: [OperatorKind] = ["CenterCropPad"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    var dimensions = type.shape.dimensions
    let sizes = try site.requiredConstant(1).integers
    let axes = try site.axes(try site.ints("axes") ?? Array(0..<type.shape.rank), rank: type.shape.rank)
    guard sizes.count == axes.count, sizes.allSatisfy({ $0 >= 0 }) else {
      throw site.inputError(1, expected: "\(axes.count) sizes")
    }
    for (axis, size) in zip(axes, sizes) { dimensions[axis] = size }
    return [TensorType(type.dataType, try site.shape(dimensions))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let (from, to) = (try site.input(0).shape, outputs[0].shape)
    let width = outputs[0].dataType.byteCount
    var (read, write) = (0, 0)
    var extents: [Int] = []
    for axis in from.dimensions.indices {
      let (own, wanted) = (from[axis], to[axis])
      extents.append(min(own, wanted))
      if wanted < own { read += (own - wanted) / 2 * from.strides[axis] }
      if wanted > own { write += (wanted - own) / 2 * to.strides[axis] }
    }
    let strides = extents.indices.map { SIMD4(from.strides[$0], 0, 0, to.strides[$0]) }
    let copy = StridedCopy(LoopNest(extents: extents, strides: strides), of: outputs[0].dataType)
    let (readBytes, writeBytes, byteCount) = (read * width, write * width, outputs[0].byteCount)
    let isEmpty = extents.contains(0)
    return OperatorBody { arguments in
      guard let output = arguments.outputs[0] else { return }
      output.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
      if isEmpty { return }
      copy.run(from: arguments.input(0, as: UInt8.self) + readBytes, to: output + writeBytes)
    }
  }
}
