import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

@Suite("Broadcasting over random shapes")
struct BroadcastPropertyTests {
  @Test("Sub, Where and Max read the elements that numpy's rules name", arguments: 0..<60)
  func broadcasts(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let result = (0..<Int.random(in: 0...5, using: &random)).map { _ in Int.random(in: 1...5, using: &random)
    }
    let (a, b) = (operand(of: result, &random), operand(of: result, &random))
    let rank = max(a.shape.rank, b.shape.rank)
    let shape = try Shape(
      (0..<rank).map { axis in
        max(Self.dimension(a.shape, axis, rank), Self.dimension(b.shape, axis, rank))
      })
    let places = Self.places(shape)
    let (left, right) = (places.map { Self.element(a, $0) }, places.map { Self.element(b, $0) })
    let condition = Tensor(shape: shape, of: Bool.self) { values in
      for index in values.indices { values[index] = index % 3 == 0 }
    }
    for level in CPUFeatureLevel.available {
      let runner = ReferenceRunner(table: .for(level))
      let pair = ["a": a, "b": b]
      let difference = try runner.run(graph("Sub", inputs: pair, order: ["a", "b"]), inputs: pair)["y0"]
      #expect(difference?.shape == shape)
      #expect(difference?.floats == zip(left, right).map { $0 - $1 }, "\(a.shape) - \(b.shape) at \(level)")
      let larger = try runner.run(graph("Max", inputs: pair, order: ["a", "b", "a"]), inputs: pair)["y0"]
      #expect(larger?.floats == zip(left, right).map { max($0, $1) })
      let all = pair.merging(["c": condition]) { first, _ in first }
      let chosen = try runner.run(graph("Where", inputs: all, order: ["c", "a", "b"]), inputs: all)["y0"]
      #expect(chosen?.floats == places.indices.map { $0 % 3 == 0 ? left[$0] : right[$0] })
    }
  }

  @Test("operands that do not broadcast are refused by name")
  func mismatch() {
    let inputs = ["a": counting([2, 3]), "b": counting([2, 4])]
    #expect(throws: OperatorError.self) {
      try ReferenceRunner(table: .for(.portable)).run(
        graph("Add", inputs: inputs, order: ["a", "b"]), inputs: inputs)
    }
  }

  /// The result's shape with leading axes left out and some axes of size 1.
  private func operand(of result: [Int], _ random: inout SeededGenerator) -> Tensor {
    let kept = result.suffix(Int.random(in: 0...result.count, using: &random))
    let dimensions = kept.map { Bool.random(using: &random) ? $0 : 1 }
    return Tensor(shape: Shape(known: dimensions), of: Float.self) { values in
      for index in values.indices { values[index] = random.normal() }
    }
  }

  private static func dimension(_ shape: Shape, _ axis: Int, _ rank: Int) -> Int {
    let own = axis - (rank - shape.rank)
    return own < 0 ? 1 : shape[own]
  }

  private static func places(_ shape: Shape) -> [[Int]] {
    shape.dimensions.reduce([[]]) { lists, extent in
      lists.flatMap { list in (0..<extent).map { list + [$0] } }
    }
  }

  private static func element(_ tensor: Tensor, _ place: [Int]) -> Float {
    var offset = 0
    for axis in 0..<tensor.shape.rank {
      let at = place[place.count - tensor.shape.rank + axis]
      offset = offset * tensor.shape[axis] + (tensor.shape[axis] == 1 ? 0 : at)
    }
    return tensor.floats[offset]
  }
}
