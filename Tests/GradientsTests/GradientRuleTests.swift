import Gradients
import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

@Suite struct GradientRuleTests {
  @Test func everyOperatorSaysWhatHappensToAGradient() throws {
    for kind in OperatorRegistry.standard.kinds {
      let node = Node(name: "n", kind: kind, inputs: [], outputs: [])
      #expect(
        GradientRules.isAnswered(kind, try OperatorRegistry.standard.find(node, opset: 17).traits(of: kind)),
        "\(kind) has a structure of its own: write a GradientRule, or list it among GradientRules.stops")
    }
  }

  @Test func rulesNameOperatorsThereAreOnceEach() {
    let named = GradientRules.named
    #expect(Set(named).count == named.count)
    #expect(Set(named).subtracting(OperatorRegistry.standard.kinds) == [])
  }

  /// Normalizations run in float32 alone: their gradients against those of the steps that they stand for.
  @Test(arguments: [true, false]) func layerNormalizationsAgreeWithTheirSteps(isCentred: Bool) throws {
    func node(_ kind: OperatorKind, _ inputs: [String], _ output: String) -> Node {
      let axes: [String: Attribute] = kind == "ReduceMean" ? ["axes": .ints([-1])] : [:]
      return Node(name: output, kind: kind, inputs: inputs, outputs: [output], attributes: axes)
    }
    let whole = [
      node(
        isCentred ? "LayerNormalization" : "RMSNormalization", isCentred ? ["x", "s", "b"] : ["x", "s"], "f")
    ]
    let centred = [node("ReduceMean", ["x"], "m"), node("Sub", ["x", "m"], "d")]
    let steps =
      (isCentred ? centred : [node("Identity", ["x"], "d")]) + [
        node("Mul", ["d", "d"], "d2"), node("ReduceMean", ["d2"], "v"), node("Add", ["v", "e"], "ve"),
        node("Sqrt", ["ve"], "sd"), node("Div", ["d", "sd"], "n"), node("Mul", ["n", "s"], "ns"),
        isCentred ? node("Add", ["ns", "b"], "f") : node("Identity", ["ns"], "f"),
      ]
    let (found, expected) = (try gradients(whole, isCentred), try gradients(steps, isCentred))
    #expect(found.keys == expected.keys && found.count == (isCentred ? 4 : 3))
    for (name, values) in expected {
      let other = try #require(found[name])
      #expect(other.shape == values.shape)
      #expect(zip(other.floats, values.floats).allSatisfy { abs($0 - $1) < 1e-4 }, "\(name)")
    }
  }

  private func gradients(_ nodes: [Node], _ isCentred: Bool) throws -> [String: Tensor] {
    let x = try Tensor(shape: [2, 4], [0.3, -1.2, 2.1, 0.4, -0.7, 0.9, 1.5, -2.2] as [Float])
    let names = isCentred ? ["x", "s", "b"] : ["x", "s"]
    let graph = Graph(
      name: "normalization",
      inputs: names.map { name in
        let sizes: [Dimension] = name == "x" ? [.fixed(2), .fixed(4)] : [.fixed(4)]
        return ValueInfo(name: name, dataType: .float32, dimensions: sizes)
      },
      outputs: (["y"] + names.map { "d\($0)" }).map {
        ValueInfo(name: $0, dataType: .float32, dimensions: nil)
      },
      nodes: nodes + [
        Node(name: "y", kind: "Mul", inputs: ["f", "w"], outputs: ["y"]),
        Node(
          name: "g", kind: GradientExpansion.kind, inputs: names, outputs: names.map { "d\($0)" },
          attributes: ["xs": .strings(names), "y": .string("y")]),
      ],
      initializers: [
        "w": .dense(try Tensor(shape: [2, 4], [1, -2, 3, 0.5, -1, 2, 0.25, 1] as [Float])),
        "e": .dense(Tensor(scalar: Float(1e-5))),
      ], opsets: ["": 23, GradientExpansion.kind.domain: 1])
    let plain = try GradientExpansion.expanded(graph, dimensions: [:])
    let scale = try Tensor(shape: [4], [0.5, 1, -1.5, 2] as [Float])
    let shift = try Tensor(shape: [4], [0.1, 0.2, 0.3, 0.4] as [Float])
    var inputs = ["x": x, "s": scale]
    if isCentred { inputs["b"] = shift }
    return try ReferenceRunner(table: .for(.portable)).run(plain, inputs: inputs)
  }
}
