import GraphIR
import Kernels
import TensorCore

/// Col2Im: columns [N, C * window, places] added back into images [N, C, ...], the reverse of unfolding a convolution's input.
struct Col2ImOperator: Operator {
  let kinds: [OperatorKind] = ["Col2Im"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  private static func axes(_ site: OperatorSite) throws -> [SpatialAxis] {
    let image = try site.requiredConstant(1).integers
    let block = try site.requiredConstant(2).integers
    let limit = OperatorSite.magnitudeLimit
    guard (1...3).contains(image.count), image.allSatisfy({ (1...limit).contains($0) }) else {
      throw site.inputError(1, expected: "one to three positive sizes")
    }
    return try site.window(over: image, kernel: block)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    let axes = try Self.axes(site)
    let window = try site.shape(axes.map(\.kernel)).count
    let places = try site.shape(axes.map(\.output)).count
    guard type.shape.rank == 3, type.shape[1] % window == 0, type.shape[2] == places else {
      throw site.inputError(0, expected: "of shape [N, C * \(window), \(places)]")
    }
    return [
      TensorType(
        type.dataType, try site.shape([type.shape[0], type.shape[1] / window] + axes.map(\.input)))
    ]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = outputs[0].shape
    return try site.dispatchReal(
      0, Visitor(planes: shape[0] * shape[1], total: shape.count, axes: try Self.axes(site)))
  }

  private struct Visitor: RealVisitor {
    let planes: Int
    let total: Int
    let axes: [SpatialAxis]

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      let (deep, high, wide) = axes.asVolume
      return OperatorBody { [planes, total] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        output.update(repeating: 0, count: total)
        var source = arguments.input(0, as: Element.self)
        for plane in 0..<planes {
          let image = output + plane * deep.input * high.input * wide.input
          for w in 0..<deep.kernel {
            for v in 0..<high.kernel {
              for u in 0..<wide.kernel {
                for z in 0..<deep.output {
                  for y in 0..<high.output {
                    for x in 0..<wide.output {
                      let at = (deep.index(z, w), high.index(y, v), wide.index(x, u))
                      defer { source += 1 }
                      guard (0..<deep.input).contains(at.0), (0..<high.input).contains(at.1),
                        (0..<wide.input).contains(at.2)
                      else { continue }
                      image[(at.0 * high.input + at.1) * wide.input + at.2] += source.pointee
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
