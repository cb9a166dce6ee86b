import GraphIR
import Kernels
import TensorCore

/// MatMul with broadcasting; integers wrap.
struct MatMulOperator: Operator {
  let kinds: [OperatorKind] = ["MatMul"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.product) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.numeric + DataType.halves).dataType
    try site.input(1, of: [type])
    return [TensorType(type, try MatMulShape(site).output)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = try MatMulShape(site)
    let (m, n, k) = (shape.m, shape.n, shape.k)
    guard outputs[0].dataType == .float32 else { return try site.dispatch(0, Visitor(shape: shape)) }
    let vector = table.vector
    let rows = n == 0 ? 0 : outputs[0].shape.count / n
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      let (a, b) = (arguments.input(0, as: Float.self), arguments.input(1, as: Float.self))
      if shape.isFlat {
        return vector.kernels.pointee.f32_matmul(rows, n, k, a, k, 1, b, n, output, n, 0)
      }
      shape.forEachBatch { left, right, result in
        vector.kernels.pointee.f32_matmul(
          m, n, k, a + left * m * k, k, 1, b + right * k * n, n, output + result * m * n, n, 0)
      }
    }
  }

  private struct Visitor: NumericVisitor {
    let shape: MatMulShape

    func visit<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [shape] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let (a, b) = (arguments.input(0, as: Element.self), arguments.input(1, as: Element.self))
        let (m, n, k) = (shape.m, shape.n, shape.k)
        shape.forEachBatch { left, right, result in
          multiply(m, n, k, a + left * m * k, (k, 1), b + right * k * n, (n, 1), output + result * m * n)
        }
      }
    }
  }
}

/// A plain product of strided matrices, for types without a kernel.
func multiply<Element: NumericElement>(
  _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Element>, _ aSteps: (row: Int, column: Int),
  _ b: UnsafePointer<Element>, _ bSteps: (row: Int, column: Int), _ output: UnsafeMutablePointer<Element>
) {
  for i in 0..<m {
    for j in 0..<n {
      var sum = Element.Accumulator.zero
      for p in 0..<k {
        sum = sum.adding(
          a[i * aSteps.row + p * aSteps.column].wide.multiplying(b[p * bSteps.row + j * bSteps.column].wide))
      }
      output[i * n + j] = Element(narrowing: sum)
    }
  }
}
