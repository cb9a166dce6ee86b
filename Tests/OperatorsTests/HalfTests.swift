import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

@Suite("Half types")
struct HalfTests {
  @Test(
    "compute as float32 does on the rounded inputs, rounded once",
    arguments: ["Sigmoid", "Softmax", "Neg", "Floor"])
  func matchesSingle(kind: String) throws {
    var random = SeededGenerator(seed: 5)
    let values = (0..<77).map { _ in random.normal() * 4 }
    let runner = ReferenceRunner(table: .for(CPUFeatureLevel.detected))
    let half = try Tensor(shape: [7, 11], values.map { Float16($0) })
    let brain = try Tensor(shape: [7, 11], values.map { BFloat16($0) })
    for input in [half, brain] {
      let single = try Tensor(shape: [7, 11], input.floats)
      let exact = try #require(
        try runner.run(graph(OperatorKind(kind), inputs: ["x": single], order: ["x"]), inputs: ["x": single])[
          "y0"])
      let found = try #require(
        try runner.run(graph(OperatorKind(kind), inputs: ["x": input], order: ["x"]), inputs: ["x": input])[
          "y0"])
      #expect(found.dataType == input.dataType)
      let expected = exact.floats.map {
        input.dataType == .float16 ? Float(Float16($0)) : BFloat16($0).float
      }
      #expect(found.floats == expected)
    }
  }
}
