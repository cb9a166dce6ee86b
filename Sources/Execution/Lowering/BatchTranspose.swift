import Kernels
import Operators

/// [batch, rows, columns] to [batch, columns, rows], for elements of 1, 2, 4 or 8 bytes.
struct BatchTranspose {
  let batch: Int
  let rows: Int
  let columns: Int
  let elementBytes: Int

  func body(_ table: VectorTable) -> OperatorBody {
    OperatorBody { [self] arguments in
      guard let source = arguments.inputs[0], let target = arguments.outputs[0] else { return }
      switch elementBytes {
      case 1:
        table.kernels.pointee.u8_transpose(
          batch, rows, columns, source.assumingMemoryBound(to: UInt8.self),
          target.assumingMemoryBound(to: UInt8.self))
      case 4:
        table.kernels.pointee.f32_transpose(
          batch, rows, columns, source.assumingMemoryBound(to: Float.self),
          target.assumingMemoryBound(to: Float.self))
      case 2: transpose(source, target, of: UInt16.self)
      default: transpose(source, target, of: UInt64.self)
      }
    }
  }

  private func transpose<Element: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, of type: Element.Type
  ) {
    for image in 0..<batch {
      let from = source.assumingMemoryBound(to: type) + image * rows * columns
      let to = target.assumingMemoryBound(to: type) + image * rows * columns
      for row in 0..<rows {
        for column in 0..<columns { to[column * rows + row] = from[row * columns + column] }
      }
    }
  }
}
