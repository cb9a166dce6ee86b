import TensorCore
import Testing

@Suite("Shape")
struct ShapeTests {
  @Test func countsAndStrides() throws {
    let shape = try Shape([2, 3, 4])
    #expect(shape.count == 24)
    #expect(shape.strides == [12, 4, 1])
    #expect(try Shape([]).count == 1)
    #expect(try Shape([5, 0, 3]).count == 0)
  }

  @Test(arguments: [[-1], [3, -2], [Int.max, 2], [1 << 40, 1 << 40], [0, Int.max, Int.max]])
  func refusesNegativeAndHuge(dimensions: [Int]) {
    #expect(throws: TensorError.invalidShape(dimensions)) { try Shape(dimensions) }
  }

  @Test func zeroBesideHugeIsEmpty() throws {
    #expect(try Shape([0, 1 << 40]).count == 0)
  }

  @Test func normalizesAxes() {
    let shape: Shape = [2, 3]
    #expect(shape.normalized(axis: -1) == 1)
    #expect(shape.normalized(axis: 1) == 1)
    #expect(shape.normalized(axis: 2) == nil)
    #expect(shape.normalized(axis: -3) == nil)
  }
}
