import GraphIR
import ModelFormats
import Testing

@Suite("Model-local functions are inlined")
struct ONNXFunctionTests {
  private func function(
    _ name: String, _ inputs: [String], _ outputs: [String], _ nodes: [ONNXNodeProto],
    attributes: [String] = [], defaults: [ONNXAttributeProto] = []
  ) -> ONNXFunctionProto {
    var proto = ONNXFunctionProto()
    proto.domain = "local"
    proto.name = name
    proto.input = inputs
    proto.output = outputs
    proto.node = nodes
    proto.attribute = attributes
    proto.attributeProto = defaults
    return proto
  }

  private func call(
    _ name: String, _ inputs: [String], _ outputs: [String], name node: String = "",
    _ attributes: [ONNXAttributeProto] = []
  ) -> ONNXNodeProto {
    var proto = Proto.node(name, inputs, outputs, name: node, attributes)
    proto.domain = "local"
    return proto
  }

  private func reference(_ name: String, to outer: String) -> ONNXAttributeProto {
    Proto.attribute(name, .float) { $0.refAttrName = outer }
  }

  private func read(_ functions: [ONNXFunctionProto], _ nodes: [ONNXNodeProto]) throws -> Graph {
    try Proto.read(
      Proto.model(nodes: nodes) {
        $0.functions = functions
        var entry = ONNXOperatorSetIdProto()
        entry.domain = "local"
        entry.version = 1
        $0.opsetImport.append(entry)
      }
    ).graph
  }

  @Test("two calls, a nested one, and names that clash")
  func nested() throws {
    let inner = function(
      "Inner", ["a"], ["b"], [Proto.node("Neg", ["a"], ["t"]), Proto.node("Abs", ["t"], ["b"])])
    let outer = function(
      "Outer", ["x", "unused"], ["y"],
      [call("Inner", ["x"], ["t"]), Proto.node("Add", ["t", "x"], ["y"])])
    let graph = try read(
      [outer, inner],
      [call("Outer", ["x"], ["t"], name: "first"), call("Outer", ["t"], ["y"], name: "second")])
    #expect(graph.nodes.map(\.kind) == ["Neg", "Abs", "Add", "Neg", "Abs", "Add"])
    #expect(Set(graph.nodes.map(\.name)).count == 6)
    #expect(Set(graph.nodes.flatMap(\.outputs)).count == 6)
    #expect(graph.nodes[2].inputs[1] == "x")
    #expect(graph.nodes[5].outputs == ["y"])
    #expect(graph.opsets["local"] == nil)
  }

  @Test("attributes: given by the call, by default, and by nobody")
  func attributes() throws {
    let body = [
      Proto.node("LeakyRelu", ["a"], ["b"], [reference("alpha", to: "slope")]),
      Proto.node("Elu", ["b"], ["c"], [reference("alpha", to: "missing")]),
    ]
    let standard = Proto.attribute("slope", .float) { $0.f = 0.5 }
    let own = Proto.attribute("slope", .float) { $0.f = 0.25 }
    let graph = try read(
      [function("F", ["a"], ["c"], body, attributes: ["missing"], defaults: [standard])],
      [call("F", ["x"], ["t"]), call("F", ["t"], ["y"], [own])])
    #expect(graph.nodes.map { $0.float("alpha") } == [0.5, nil, 0.25, nil])
  }

  @Test("a body that returns its input, and optional inputs left out")
  func passedThrough() throws {
    let graph = try read(
      [function("F", ["a", "low", "high"], ["a", "b"], [Proto.node("Clip", ["a", "low", "high"], ["b"])])],
      [call("F", ["x"], ["y", "z"])])
    #expect(graph.nodes.map(\.kind) == ["Clip", "Identity"])
    #expect(graph.nodes[0].inputs == ["x", "", ""])
    #expect(graph.nodes[1].outputs == ["y"])
  }

  @Test("graphs nested in a body follow its names")
  func captures() throws {
    var branch = ONNXGraphProto()
    branch.node = [Proto.node("Neg", ["t"], ["u"])]
    branch.output = [Proto.value("u", nil)]
    let body = [
      Proto.node("Abs", ["a"], ["t"]),
      Proto.node("If", ["a"], ["b"], [Proto.attribute("then_branch", .graph) { $0.g = branch }]),
    ]
    let graph = try read([function("F", ["a"], ["b"], body)], [call("F", ["x"], ["y"], name: "call")])
    guard case .graph(let nested)? = graph.nodes[1].attributes["then_branch"] else {
      Issue.record("the branch is gone")
      return
    }
    #expect(nested.nodes[0].inputs == graph.nodes[0].outputs)
    #expect(nested.outputs.map(\.name) == nested.nodes[0].outputs)
    #expect(!["t", "u"].contains(nested.nodes[0].outputs[0]))
  }

  @Test("recursion and calls that do not fit end in a sentence")
  func hostile() {
    let circle = [
      function("A", ["a"], ["b"], [call("B", ["a"], ["b"])]),
      function("B", ["a"], ["b"], [call("A", ["a"], ["b"])]),
    ]
    guard case .invalidGraph? = formatError({ _ = try read(circle, [call("A", ["x"], ["y"])]) }) else {
      Issue.record("a circle of functions passed")
      return
    }
    let small = [function("A", ["a"], ["b"], [Proto.node("Neg", ["a"], ["b"])])]
    guard case .invalidNode? = formatError({ _ = try read(small, [call("A", ["x", "x"], ["y"])]) }) else {
      Issue.record("a call with too many inputs passed")
      return
    }
  }

  @Test("functions that double at each level are stopped")
  func expansion() {
    let levels = (0..<40).map { level in
      let next = level == 39 ? Proto.node("Neg", ["a"], ["t"]) : call("F\(level + 1)", ["a"], ["t"])
      var second = next
      second.input = ["t"]
      second.output = ["b"]
      return function("F\(level)", ["a"], ["b"], [next, second])
    }
    guard case .invalidGraph? = formatError({ _ = try read(levels, [call("F0", ["x"], ["y"])]) }) else {
      Issue.record("2^40 nodes passed")
      return
    }
  }
}
