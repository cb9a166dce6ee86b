import GraphIR
import Kernels
import TensorCore

/// AffineGrid: the places that GridSample reads for affine maps [N, 2, 3] or [N, 3, 4] and a constant output size.
struct AffineGridOperator: Operator {
  let kinds: [OperatorKind] = ["AffineGrid"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let theta = try site.input(0, of: DataType.real)
    let size = try site.requiredConstant(1).integers
    let rank = size.count - 2
    guard rank == 2 || rank == 3, size.allSatisfy({ $0 >= 0 }),
      theta.shape.dimensions == [size[0], rank, rank + 1]
    else { throw site.inputError(1, expected: "[N, C, H, W] or [N, C, D, H, W], as the maps \(theta.shape)") }
    return [TensorType(theta.dataType, try site.shape([size[0]] + size[2...] + [rank]))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(
      0, Visitor(shape: outputs[0].shape, alignsCorners: try site.flag("align_corners")))
  }

  private struct Visitor: RealVisitor {
    let shape: Shape
    let alignsCorners: Bool

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      let sizes = Array(shape.dimensions[1..<shape.rank - 1])
      let rank = sizes.count
      return OperatorBody { [shape, alignsCorners] arguments in
        guard var output = arguments.output(0, as: Element.self) else { return }
        let theta = arguments.input(0, as: Element.self)
        for sample in 0..<shape[0] {
          for place in 0..<sizes.reduce(1, *) {
            var rest = place
            // Coordinates from the innermost axis on, and a one for the offset.
            var point: [Double] = []
            for size in sizes.reversed() {
              let index = Double(rest % size)
              rest /= size
              point.append(
                alignsCorners
                  ? (size == 1 ? 0 : 2 * index / Double(size - 1) - 1) : (2 * index + 1) / Double(size) - 1)
            }
            point.append(1)
            for row in 0..<rank {
              var sum = 0.0
              for column in 0...rank {
                sum += Double(theta[(sample * rank + row) * (rank + 1) + column]) * point[column]
              }
              output.pointee = Element(sum)
              output += 1
            }
          }
        }
      }
    }
  }
}
