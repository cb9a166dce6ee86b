import GraphIR
import Kernels
import TensorCore

/// Gemm: Y = alpha * op(A) * op(B) + beta * C, where C is broadcast to Y and may be omitted from opset 11 on.
struct GemmOperator: Operator {
  let kinds: [OperatorKind] = ["Gemm"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.gemm) }

  /// The sizes and the strides of op(A) and op(B).
  private struct Plan: Sendable {
    let m, n, k: Int
    let transposesA, transposesB: Bool
    var aSteps: (row: Int, column: Int) { transposesA ? (1, m) : (k, 1) }
    var bSteps: (row: Int, column: Int) { transposesB ? (1, k) : (n, 1) }

    init(_ site: OperatorSite) throws {
      let (a, b) = (try site.input(0).shape, try site.input(1).shape)
      guard a.rank == 2 else { throw site.inputError(0, expected: "a matrix") }
      guard b.rank == 2 else { throw site.inputError(1, expected: "a matrix") }
      transposesA = try site.flag("transA")
      transposesB = try site.flag("transB")
      (m, k) = transposesA ? (a[1], a[0]) : (a[0], a[1])
      n = transposesB ? b[0] : b[1]
      guard (transposesB ? b[1] : b[0]) == k else {
        throw site.inputError(1, expected: "of inner size \(k), as A is \(a)")
      }
    }
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.numeric + DataType.halves).dataType
    try site.input(1, of: [type])
    let plan = try Plan(site)
    let shape = try site.shape([plan.m, plan.n])
    if let c = site.optionalInput(2) {
      try site.input(2, of: [type])
      guard try site.broadcast([shape, c.shape], firstInput: 1) == shape else {
        throw site.inputError(2, expected: "broadcastable to \(shape)")
      }
    }
    return [TensorType(type, shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let plan = try Plan(site)
    let alpha = try site.float("alpha", default: 1)
    let beta = try site.float("beta", default: 1)
    let c = try site.optionalInput(2).map { c in
      LoopNest(broadcasting: [outputs[0].shape, try site.input(2).shape], to: outputs[0].shape)
    }
    guard outputs[0].dataType == .float32 else {
      return try site.dispatch(0, Visitor(plan: plan, alpha: alpha, beta: beta, c: c))
    }
    let vector = table.vector
    let scales = PairKernels(.add, table.vector)
    let (m, n, k) = (plan.m, plan.n, plan.k)
    // The kernel wants rows of B: a constant is turned once, anything else in every run.
    let turned =
      try plan.transposesB ? site.knownConstant(1).map { try Self.transposed($0, table.vector) } : nil
    let turns = plan.transposesB && turned == nil
    return OperatorBody(scratchBytes: (turns ? aligned(n * k * 4) : 0) + aligned(n * 4)) { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      let a = arguments.input(0, as: Float.self)
      func product(_ b: UnsafePointer<Float>) {
        vector.kernels.pointee.f32_matmul(m, n, k, a, plan.aSteps.row, plan.aSteps.column, b, n, output, n, 0)
      }
      if let turned {
        try turned.withElements(of: Float.self) { if let start = $0.baseAddress { product(start) } }
      } else if turns {
        let rows = arguments.scratch(at: aligned(n * 4), as: Float.self)
        vector.kernels.pointee.f32_transpose(1, n, k, arguments.input(1), rows)
        product(rows)
      } else {
        product(arguments.input(1))
      }
      if alpha != 1 { vector.kernels.pointee.f32_affine(m * n, output, alpha, 0, output) }
      guard let c, beta != 0 else { return }
      let addend = arguments.input(2, as: Float.self)
      if beta == 1, let scales { return scales.run(c, output, addend, output) }
      pairLoop(c, output, addend, output) { $0 + beta * $1 }
    }
  }

  private static func transposed(_ b: Tensor, _ table: VectorTable) throws -> Tensor {
    try b.withElements(of: Float.self) { source in
      Tensor(shape: [b.shape[1], b.shape[0]], of: Float.self) { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        table.kernels.pointee.f32_transpose(1, b.shape[0], b.shape[1], from, to)
      }
    }
  }

  private struct Visitor: NumericVisitor {
    let plan: Plan
    let alpha: Float
    let beta: Float
    let c: LoopNest?

    func visit<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [plan, alpha, beta, c] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let a = arguments.input(0, as: Element.self)
        multiply(
          plan.m, plan.n, plan.k, a, plan.aSteps, arguments.input(1, as: Element.self), plan.bSteps, output)
        if alpha != 1 {
          for index in 0..<plan.m * plan.n {
            output[index] = Element(saturating: Double(alpha) * output[index].double)
          }
        }
        guard let c else { return }
        let sum = Element.pair(.add)
        pairLoop(c, output, arguments.input(2, as: Element.self), output) { y, addend in
          sum(y, beta == 1 ? addend : Element(saturating: Double(beta) * addend.double))
        }
      }
    }
  }
}
