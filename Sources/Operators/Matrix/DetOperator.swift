import GraphIR
import Kernels
import TensorCore

/// Det: determinants of square matrices, by elimination with partial pivoting in float64.
struct DetOperator: Operator {
  let kinds: [OperatorKind] = ["Det"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    let shape = type.shape
    guard shape.rank >= 2, shape[shape.rank - 1] == shape[shape.rank - 2] else {
      throw site.inputError(0, expected: "square matrices")
    }
    return [TensorType(type.dataType, try site.shape(Array(shape.dimensions.dropLast(2))))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = try site.input(0).shape
    return try site.dispatchReal(0, Visitor(size: shape[shape.rank - 1], count: outputs[0].shape.count))
  }

  private struct Visitor: RealVisitor {
    let size: Int
    let count: Int

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody(scratchBytes: aligned(size * size * 8)) { [size, count] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let input = arguments.input(0, as: Element.self)
        let matrix = arguments.scratch(as: Double.self)
        for index in 0..<count {
          for place in 0..<size * size { matrix[place] = Double(input[index * size * size + place]) }
          output[index] = Element(Self.determinant(matrix, size))
        }
      }
    }

    private static func determinant(_ matrix: UnsafeMutablePointer<Double>, _ size: Int) -> Double {
      var result = 1.0
      for column in 0..<size {
        var pivot = column
        for row in column..<size
        where Swift.abs(matrix[row * size + column]) > Swift.abs(matrix[pivot * size + column]) {
          pivot = row
        }
        if matrix[pivot * size + column] == 0 { return 0 }
        if pivot != column {
          for place in 0..<size {
            (matrix[pivot * size + place], matrix[column * size + place]) = (
              matrix[column * size + place], matrix[pivot * size + place]
            )
          }
          result = -result
        }
        result *= matrix[column * size + column]
        for row in stride(from: column + 1, to: size, by: 1) {
          let factor = matrix[row * size + column] / matrix[column * size + column]
          for place in column..<size {
            matrix[row * size + place] -= factor * matrix[column * size + place]
          }
        }
      }
      return result
    }
  }
}
