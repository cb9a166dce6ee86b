import GraphIR
import Kernels
import TensorCore

/// MaxUnpool: values put back at the places that MaxPool's indices say, zeros elsewhere. The output's size follows from
/// the window, or is a constant third input.
struct MaxUnpoolOperator: Operator {
  let kinds: [OperatorKind] = ["MaxUnpool"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    guard try site.input(1, of: [.int64]).shape == type.shape, type.shape.rank >= 3 else {
      throw site.inputError(1, expected: "int64\(type.shape) of rank 3 or more")
    }
    let inferred = try inferred(site, type)
    if let shape = try site.constantIntegers(2) {
      guard shape.count == type.shape.rank, zip(shape, inferred).allSatisfy({ $0 >= $1 }) else {
        throw site.inputError(2, expected: "at least \(inferred)")
      }
      return [TensorType(type.dataType, try site.shape(shape))]
    }
    return [TensorType(type.dataType, try site.shape(inferred))]
  }

  /// The shape that the window gives, which the indices count in.
  private func inferred(_ site: OperatorSite, _ type: TensorType) throws -> [Int] {
    let rank = type.shape.rank - 2
    let limit = OperatorSite.magnitudeLimit
    let kernel = try site.ints("kernel_shape", count: rank, in: 1...limit, default: 1)
    let strides = try site.ints("strides", count: rank, in: 1...limit, default: 1)
    let pads = try site.ints("pads", count: 2 * rank, in: 0...limit, default: 0)
    let sizes = try (0..<rank).map { axis in
      let size = try site.product(max(type.shape[axis + 2] - 1, 0), strides[axis])
      return size + kernel[axis] - pads[axis] - pads[axis + rank]
    }
    guard sizes.allSatisfy({ $0 >= 0 }) else {
      throw site.attributeError("pads", expected: "smaller than the output", found: "\(pads)")
    }
    return Array(type.shape.dimensions[..<2]) + sizes
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let inferred = try site.shape(try inferred(site, type))
    return try site.dispatchReal(
      0,
      Visitor(
        count: type.shape.count, inferred: inferred, output: outputs[0].shape, kind: site.kind,
        name: site.node.name))
  }

  private struct Visitor: RealVisitor {
    let count: Int
    let inferred: Shape
    let output: Shape
    let kind: OperatorKind
    let name: String

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      let isSame = inferred == output
      let (from, to) = (inferred.strides, output.strides)
      return OperatorBody { [count, inferred, shape = output, kind, name] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let total = inferred.count
        let (values, places) = (arguments.input(0, as: Element.self), arguments.input(1, as: Int64.self))
        output.update(repeating: 0, count: shape.count)
        for index in 0..<count {
          let place = Int(clamping: places[index])
          guard (0..<total).contains(place) else {
            throw OperatorError.index(kind: kind, node: name, found: place, limit: total)
          }
          var target = place
          if !isSame {
            target = 0
            for axis in from.indices { target += place / from[axis] % inferred[axis] * to[axis] }
          }
          output[target] = values[index]
        }
      }
    }
  }
}
