import GraphIR
import Kernels
import TensorCore

/// MatMulNBits of ONNX Runtime: A [..., K] times codes of 2, 4 or 8 bits [N, blocks, bytes], packed low bits first, with a
/// scale (and zero point) per block of K.
///
/// Inputs: A, B, scales, zero points (packed like B, or of A's type), group index (must be omitted), bias.
struct MatMulNBitsOperator: Operator {
  let kinds: [OperatorKind] = [.runtime("MatMulNBits")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.product) }

  private struct Plan: Sendable {
    let n, k, block, bits, blocks, rows: Int
    let output: Shape
    var blockBytes: Int { block * bits / 8 }
    /// Bytes of packed zero points per row of B.
    var zeroBytes: Int { (blocks * bits + 7) / 8 }

    init(_ site: OperatorSite) throws {
      let limit = OperatorSite.magnitudeLimit
      n = try site.int("N", default: 0)
      k = try site.int("K", default: 0)
      bits = try site.int("bits", default: 4)
      block = try site.int("block_size", default: 0)
      guard (1...limit).contains(n), (1...limit).contains(k), [2, 4, 8].contains(bits),
        (16...limit).contains(block), block % 16 == 0
      else {
        throw site.attributeError(
          "block_size", expected: "positive K and N, 2, 4 or 8 bits, a block of a multiple of 16",
          found: "K \(k), N \(n), bits \(bits), block_size \(block)")
      }
      blocks = (k + block - 1) / block
      let a = try site.input(0).shape
      guard a.rank >= 1, a[a.rank - 1] == k else { throw site.inputError(0, expected: "of \(k) columns") }
      rows = a.dimensions.dropLast().reduce(1, *)
      let packed = try site.shape([n, blocks, block * bits / 8])
      guard try site.input(1, of: [.uint8]).shape.count == packed.count else {
        throw site.inputError(1, expected: "uint8\(packed)")
      }
      guard try site.input(2).shape.count == n * blocks else {
        throw site.inputError(2, expected: "of \(n * blocks) scales")
      }
      if let zero = site.optionalInput(3) {
        let expected = zero.dataType == .uint8 ? n * ((blocks * bits + 7) / 8) : n * blocks
        guard zero.shape.count == expected else {
          throw site.inputError(3, expected: "of \(expected) values")
        }
      }
      guard site.optionalInput(4) == nil else { throw site.inputError(4, expected: "omitted") }
      if let bias = site.optionalInput(5), bias.shape.count != n {
        throw site.inputError(5, expected: "of \(n) values")
      }
      output = try site.shape(a.dimensions.dropLast() + [n])
    }
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32] + DataType.halves).dataType
    try site.input(2, of: [type])
    if site.optionalInput(3) != nil { try site.input(3, of: [.uint8, type]) }
    return [TensorType(type, try Plan(site).output)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let plan = try Plan(site)
    let zeroType = site.optionalInput(3)?.dataType
    let hasBias = site.optionalInput(5) != nil
    let vector = table.vector
    _ = try site.shape([plan.k, plan.n])
    // B as float32, [K, N], made anew in every run; plans use packed kernels instead.
    return OperatorBody(scratchBytes: aligned(plan.k * plan.n * 4)) { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      let b = arguments.scratch(as: Float.self)
      let (codes, scales) = (arguments.input(1, as: UInt8.self), arguments.input(2, as: Float.self))
      let perByte = 8 / plan.bits
      let mask = UInt8((1 << plan.bits) - 1)
      func code(_ bytes: UnsafePointer<UInt8>, _ index: Int) -> Float {
        Float((bytes[index / perByte] >> UInt8(index % perByte * plan.bits)) & mask)
      }
      for row in 0..<plan.n {
        for block in 0..<plan.blocks {
          let scale = scales[row * plan.blocks + block]
          var zero = Float(1 << (plan.bits - 1))
          if zeroType == .uint8 {
            zero = code(arguments.input(3, as: UInt8.self) + row * plan.zeroBytes, block)
          } else if zeroType != nil {
            zero = arguments.input(3, as: Float.self)[row * plan.blocks + block]
          }
          let from = codes + (row * plan.blocks + block) * plan.blockBytes
          for index in 0..<min(plan.block, plan.k - block * plan.block) {
            b[(block * plan.block + index) * plan.n + row] = (code(from, index) - zero) * scale
          }
        }
      }
      vector.kernels.pointee.f32_matmul(
        plan.rows, plan.n, plan.k, arguments.input(0), plan.k, 1, b, plan.n, output, plan.n, 0)
      guard hasBias else { return }
      vector.kernels.pointee.f32_add_vv(
        plan.rows, plan.n, output, plan.n, arguments.input(5, as: Float.self), 0, output)
    }
  }
}
