import GraphIR
import Kernels
import TensorCore

/// TensorScatter: a cache with an update written from a place on along one axis, the place given per sample; `circular`
/// goes on at the start.
struct TensorScatterOperator: Operator {
  let kinds: [OperatorKind] = ["TensorScatter"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let update = try site.input(1, of: [type.dataType]).shape
    let axis = try axis(site, type.shape)
    var expected = type.shape.dimensions
    guard update.rank == expected.count, update[axis] <= expected[axis] else {
      throw site.inputError(1, expected: "at most \(expected[axis]) along axis \(axis)")
    }
    expected[axis] = update[axis]
    guard update.dimensions == expected else { throw site.inputError(1, expected: "of shape \(expected)") }
    if let places = site.optionalInput(2) {
      guard places.dataType == .int64, places.shape.dimensions == [type.shape[0]] else {
        throw site.inputError(2, expected: "int64[\(type.shape[0])]")
      }
    }
    return [type]
  }

  private func axis(_ site: OperatorSite, _ shape: Shape) throws -> Int {
    let axis = try site.axis(try site.int("axis", default: -2), rank: shape.rank)
    guard axis > 0 else { throw site.attributeError("axis", expected: "not the batch", found: "\(axis)") }
    return axis
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = outputs[0]
    let axis = try axis(site, type.shape)
    let isCircular =
      try site.string("mode", default: "linear", choices: ["linear", "circular"]) == "circular"
    let (length, added) = (type.shape[axis], try site.input(1).shape[axis])
    let lines = AxisLines(shape: type.shape, axis: axis)
    let width = lines.inner * type.dataType.byteCount
    let perSample = type.shape.dimensions[1..<axis].reduce(1, *)
    let hasPlaces = site.optionalInput(2) != nil
    let (kind, name, byteCount) = (site.kind, site.node.name, type.byteCount)
    return OperatorBody { arguments in
      guard let output = arguments.outputs[0] else { return }
      output.copyMemory(from: arguments.input(0, as: UInt8.self), byteCount: byteCount)
      let update = arguments.input(1, as: UInt8.self)
      for block in 0..<lines.outer {
        let given = hasPlaces ? arguments.input(2, as: Int64.self)[block / perSample] : 0
        let start = Int(clamping: given)
        guard start >= 0, isCircular || start <= length - added else {
          throw OperatorError.index(kind: kind, node: name, found: start, limit: length)
        }
        for step in 0..<added {
          let place = (start % max(length, 1) + step) % max(length, 1)
          (output + (block * length + place) * width).copyMemory(
            from: update + (block * added + step) * width, byteCount: width)
        }
      }
    }
  }
}
