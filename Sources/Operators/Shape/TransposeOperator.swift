import GraphIR
import Kernels
import TensorCore

/// Transpose by `perm`, by default all axes reversed.
struct TransposeOperator: Operator {
  let kinds: [OperatorKind] = ["Transpose"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: .picks) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let order = try order(site, type.shape)
    return [TensorType(type.dataType, try site.shape(order.map { type.shape[$0] }))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let order = try order(site, type.shape)
    let (from, to) = (type.shape.strides, outputs[0].shape.strides)
    let nest = LoopNest(
      extents: outputs[0].shape.dimensions,
      strides: order.enumerated().map { SIMD4(from[$0.element], 0, 0, to[$0.offset]) })
    if let body = blocked(nest, type.dataType, table.vector) { return body }
    return copyBody(StridedCopy(nest, of: type.dataType))
  }

  /// Whole matrices, turned block by block: the innermost two loops once neighbours are merged.
  private func blocked(_ nest: LoopNest, _ type: DataType, _ table: VectorTable) -> OperatorBody? {
    guard nest.extents.count == 2 || nest.extents.count == 3 else { return nil }
    // Output [columns, rows] read from input [rows, columns]: steps 1 along the output's outer axis, `columns` inside.
    let at = nest.extents.count - 2
    let (columns, rows) = (nest.extents[at], nest.extents[at + 1])
    guard nest.strides[at][0] == 1, nest.strides[at + 1][0] == columns else { return nil }
    if at == 1, nest.strides[0][0] != rows * columns { return nil }
    let batch = at == 1 ? nest.extents[0] : 1
    let vector = table
    switch type.byteCount {
    case 4:
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Float.self) else { return }
        vector.kernels.pointee.f32_transpose(batch, rows, columns, arguments.input(0), output)
      }
    case 1:
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: UInt8.self) else { return }
        vector.kernels.pointee.u8_transpose(batch, rows, columns, arguments.input(0), output)
      }
    default: return nil
    }
  }

  private func order(_ site: OperatorSite, _ shape: Shape) throws -> [Int] {
    guard let order = try site.ints("perm") else { return shape.dimensions.indices.reversed() }
    guard order.sorted() == Array(0..<shape.rank) else {
      throw site.attributeError("perm", expected: "an order of \(shape.rank) axes", found: "\(order)")
    }
    return order
  }
}
