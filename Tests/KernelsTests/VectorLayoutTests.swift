import Kernels
import Testing

@Suite("Transposing kernels")
struct VectorLayoutTests {
  @Test("turn every shape, in batches")
  func transposes() {
    var random = Seeded(10)
    let shapes =
      [(0, 5), (5, 0), (1, 1), (16, 16), (32, 32), (17, 33), (64, 48)]
      + (0..<60).map { _ in (Int.random(in: 1...70, using: &random), Int.random(in: 1...70, using: &random)) }
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      for (rows, columns) in shapes {
        let batch = Int.random(in: 1...3, using: &random)
        let count = batch * rows * columns
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        let floats = (0..<count).map(Float.init)
        let order = (0..<count).map { index in
          let (image, place) = (index / max(rows * columns, 1), index % max(rows * columns, 1))
          return image * rows * columns + place % rows * columns + place / rows
        }
        let turned = guarded(count, fill: -1) {
          kernels.pointee.f32_transpose(batch, rows, columns, floats, $0)
        }
        #expect(turned == order.map { floats[$0] }, "\(batch) x \(rows) x \(columns) at \(level)")
        let turnedBytes = guarded(count, fill: 7) {
          kernels.pointee.u8_transpose(batch, rows, columns, bytes, $0)
        }
        #expect(turnedBytes == order.map { bytes[$0] }, "\(batch) x \(rows) x \(columns) at \(level)")
      }
    }
  }
}
