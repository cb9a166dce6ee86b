import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

@Suite("Reference runner")
struct ReferenceRunnerTests {
  private let runner = ReferenceRunner(table: .for(.portable))

  @Test("names inputs that are missing, of the wrong shape or not the model's")
  func inputs() {
    let graph = graph("Relu", inputs: ["x": counting([2, 3])], order: ["x"])
    #expect(throws: OperatorError.graphInput(name: "x", expected: "float32[2, 3]", found: "not given")) {
      try runner.run(graph, inputs: [:])
    }
    #expect(throws: OperatorError.graphInput(name: "x", expected: "float32[2, 3]", found: "float32[6]")) {
      try runner.run(graph, inputs: ["x": counting([6])])
    }
    #expect(throws: OperatorError.graphInput(name: "z", expected: "one of x", found: "no input of the model"))
    {
      try runner.run(graph, inputs: ["x": counting([2, 3]), "z": counting([1])])
    }
  }

  @Test("runs nodes given in any order and refuses cycles")
  func order() throws {
    var graph = graph("Relu", inputs: ["x": counting([3])], order: ["h"])
    graph.nodes.append(Node(name: "first", kind: "Neg", inputs: ["x"], outputs: ["h"]))
    #expect(try runner.run(graph, inputs: ["x": counting([3])])["y0"]?.floats == [0, 0, 0])
    graph.nodes[1].inputs = ["y0"]
    #expect(throws: GraphError.self) { try runner.run(graph, inputs: ["x": counting([3])]) }
  }
}
