import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

@Suite("Values that only show while running")
struct BadDataTests {
  private let runner = ReferenceRunner(table: .for(.portable))

  @Test("indices outside their axis are errors that name the node", arguments: [5, -6, 1 << 40, Int.min])
  func indices(index: Int) throws {
    let data = counting([5, 2])
    let indices = try Tensor(shape: [1, 1], [Int64(index)])
    let update = counting([1, 1])
    let expected = OperatorError.index(kind: "Gather", node: "node", found: index, limit: 5)
    #expect(throws: expected) {
      try runner.run(
        graph("Gather", inputs: ["x": data, "i": indices], order: ["x", "i"]),
        inputs: ["x": data, "i": indices])
    }
    for kind in ["GatherElements", "GatherND", "ScatterElements", "ScatterND"] as [OperatorKind] {
      var inputs = ["x": data, "i": indices]
      var order = ["x", "i"]
      if kind.type.hasPrefix("Scatter") {
        inputs["u"] = kind == "ScatterND" ? counting([1, 2]) : update
        order.append("u")
      }
      #expect(throws: OperatorError.index(kind: kind, node: "node", found: index, limit: 5)) {
        try runner.run(graph(kind, inputs: inputs, order: order), inputs: inputs)
      }
    }
  }

  @Test("an integer division by zero is an error; the lowest integer by -1 wraps")
  func division() throws {
    let (a, zero, minus) = (list(1, .min), list(1, 0), list(-1, -1))
    for kind in ["Div", "Mod"] as [OperatorKind] {
      #expect(throws: OperatorError.divisionByZero(kind: kind, node: "node")) {
        try runner.run(
          graph(kind, inputs: ["a": a, "b": zero], order: ["a", "b"]), inputs: ["a": a, "b": zero])
      }
    }
    let inputs = ["a": a, "b": minus]
    #expect(
      try runner.run(graph("Div", inputs: inputs, order: ["a", "b"]), inputs: inputs)["y0"]?.integers == [
        -1, .min,
      ])
    #expect(
      try runner.run(graph("Mod", inputs: inputs, order: ["a", "b"]), inputs: inputs)["y0"]?.integers == [
        0, 0,
      ])
  }

  @Test("casts from floating point saturate, NaN becomes 0")
  func casts() throws {
    let x = try Tensor(shape: [5], [Float.nan, .infinity, -.infinity, 1e10, -1.9])
    let cast = graph("Cast", inputs: ["x": x], order: ["x"], attributes: ["to": .int(3)])
    #expect(try runner.run(cast, inputs: ["x": x])["y0"]?.integers == [0, 127, -128, 127, -1])
  }

  @Test("an axis read while running must exist")
  func axis() throws {
    let inputs = ["x": counting([2, 3]), "axis": Tensor(scalar: Int64(7))]
    let sum = graph("CumSum", inputs: inputs, order: ["x", "axis"])
    #expect(throws: OperatorError.index(kind: "CumSum", node: "node", found: 7, limit: 2)) {
      try runner.run(sum, inputs: inputs)
    }
  }
}
