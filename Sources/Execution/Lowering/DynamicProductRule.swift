import GraphIR
import Kernels
import Operators
import TensorCore

/// Products of two computed values, as in attention: transposes around them become strides, scalar factors the
/// product's own.
struct DynamicProductRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["MatMul"]
  /// Batches beyond this would make the table of offsets larger than what it saves.
  private static let mostMatrices = 1 << 16

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let left = node.input(0), let right = node.input(1), let output = node.outputs.first,
      let a = try lowering.operand(left), let b = try lowering.operand(right),
      a.view.columnStride == 1 || a.view.columns == 1,
      b.view.columnStride == 1 || b.view.rowStride == 1
    else { return false }
    let type = try lowering.type(of: output)
    let batch = Array(type.shape.dimensions.dropLast(2))
    guard type.shape.rank >= 2, type.shape.count > 0, a.view.shape.count > 0,
      batch.reduce(1, *) <= DynamicProductRule.mostMatrices,
      let aOffsets = a.view.offsets(over: batch), let bOffsets = b.view.offsets(over: batch)
    else { return false }
    let tail = tail(after: output, in: lowering)
    let c = StridedMatrix(try lowering.type(of: tail.output).shape, permutation: tail.inverse)
    guard let cOffsets = c.offsets(over: batch) else { return false }

    let product = DynamicProduct(table: lowering.table)
    let (m, n, k) = (type.shape[type.shape.rank - 2], type.shape[type.shape.rank - 1], a.view.columns)
    let transposed = b.view.columnStride != 1
    let (lda, ldc) = (a.view.rowStride, c.rowStride)
    let ldb = transposed ? b.view.columnStride : b.view.rowStride
    let alpha = tail.factor
    let make = { @Sendable (matrices: Range<Int>) in
      OperatorBody(scratchBytes: product.scratchBytes(m: m, n: n, k: k)) { arguments in
        guard let a = arguments.inputs[0]?.assumingMemoryBound(to: Float.self),
          let b = arguments.inputs[1]?.assumingMemoryBound(to: Float.self),
          let c = arguments.outputs[0]?.assumingMemoryBound(to: Float.self), let scratch = arguments.scratch
        else { return }
        for index in matrices {
          product.multiply(
            m: m, n: n, k: k, a: a + aOffsets[index], lda: lda, b: b + bOffsets[index], ldb: ldb,
            transposed: transposed, c: c + cOffsets[index], ldc: ldc, alpha: alpha, scratch: scratch)
        }
      }
    }
    let slicing = Slicing(count: cOffsets.count, inputStrides: [0, 0], outputStrides: [0], make: make)
    let inputs = [try lowering.value(a.name, in: .plain), try lowering.value(b.name, in: .plain)]
    let nodes = [node] + a.nodes + b.nodes + tail.nodes
    lowering.emit(
      make(cOffsets.indices), for: nodes, kernel: product.identity, inputs: inputs, output: tail.output,
      slicings: [slicing], nanoseconds: Double(cOffsets.count * m * n * k) / 20)
    return true
  }

  private struct Tail {
    var output: String
    var factor: Float = 1
    /// Which axis of the output each axis of the product is.
    var inverse: [Int]?
    var nodes: [Node] = []
  }

  /// Scalar products and one transpose that alone read the result.
  private func tail(after output: String, in lowering: Lowering) -> Tail {
    var tail = Tail(output: output)
    while tail.inverse == nil, let next = lowering.onlyReader(of: tail.output), let name = next.outputs.first
    {
      switch next.kind {
      case "Mul", "Div":
        let isFirst = next.inputs[0] == tail.output
        guard isFirst || next.kind == "Mul", let scalar = lowering.constant(next.input(isFirst ? 1 : 0)),
          scalar.count == 1, scalar.dataType == .float32, lowering.types[name] == lowering.types[tail.output]
        else { return tail }
        tail.factor *= next.kind == "Mul" ? scalar.floats[0] : 1 / scalar.floats[0]
      case "Transpose":
        guard let rank = lowering.types[name]?.shape.rank else { return tail }
        let permutation = next.ints("perm") ?? (0..<rank).reversed()
        guard permutation.last == rank - 1 else { return tail }
        var inverse = [Int](repeating: 0, count: rank)
        for (axis, source) in permutation.enumerated() { inverse[source] = axis }
        tail.inverse = inverse
      default: return tail
      }
      tail.output = name
      tail.nodes.append(next)
    }
    return tail
  }
}
