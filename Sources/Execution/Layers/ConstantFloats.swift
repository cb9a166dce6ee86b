/// Constant floats at a 64-byte boundary, with a vector's room behind the last.
///
/// Unchecked because a pointer is not `Sendable`; the floats never change after the initializer.
final class ConstantFloats: @unchecked Sendable {
  let start: UnsafePointer<Float>
  private let memory: UnsafeMutableRawPointer

  init(_ values: [Float]) {
    let bytes = values.count * MemoryLayout<Float>.stride + 64
    memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    let floats = memory.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
    for (index, value) in values.enumerated() { floats[index] = value }
    start = UnsafePointer(floats)
  }

  deinit { memory.deallocate() }
}
