import GraphIR
import Rewriting
import TensorCore
import Testing

/// Layers whose nodes' names say nothing are called after what they come from.
@Suite("Names of layers")
struct LayerNameTests {
  private func names(_ nodes: [Node], _ weights: [String: Weight]) throws -> [String] {
    try LayerForms.normalized(graph(nodes, weights)).nodes.map(\.name)
  }

  private func named(_ name: String, _ weight: String, _ scopes: [String: String] = [:]) throws -> String {
    var product = node(name, "MatMul", ["x", weight], ["y"])
    product.metadata = scopes
    return try names([product], [weight: matrix(3, 3)])[0]
  }

  @Test(
    "an operator and a counter say nothing, a scope does",
    arguments: [
      "node_linear_3", "node_Gemm_464", "/MatMul_12", "MatMul_12", "/MatMul_12_quant", "n_34", "n0", "12",
      "matmul",
    ])
  func counters(name: String) throws {
    #expect(try named(name, "layers.0.self_attn.o_proj.weight") == "layers.0.self_attn.o_proj")
    #expect(try named("/model" + (name.hasPrefix("/") ? name : "/" + name), "a.weight").hasPrefix("/model/"))
  }

  @Test(
    "a weight's layer is what stands in front of what every weight is called",
    arguments: [
      ("fc.weight", "fc"), ("fc1_weight", "fc1"), ("blocks.0.attn.in_proj_weight", "blocks.0.attn.in_proj"),
      ("head/kernel", "head"), ("rnn.weight_ih_l0", "rnn"), ("fc.weight_quantized", "fc"),
      ("fc.weight_DequantizeLinear_Output", "fc"), ("a.b", "a.b"),
      // These lead nowhere.
      ("onnx::MatMul_12", "MatMul_1"), ("w", "MatMul_1"), ("/fc/Transpose_output_0", "MatMul_1"),
    ])
  func weights(weight: String, layer: String) throws {
    #expect(try named("MatMul_1", weight) == layer)
  }

  @Test("where the weight says nothing, the exporter's own account of modules does")
  func scopes() throws {
    // As PyTorch 2.7 writes it.
    let list = ["pkg.torch.onnx.name_scopes": "['', 'layers.0', 'layers.0.fc', 'linear_3']"]
    #expect(try named("node_linear_3", "val_4", list) == "layers.0.fc")
    let path = [
      "namespace": ": Net/layers.0: Block/layers.0.fc: torch.nn.modules.linear.Linear/linear_3: aten.linear"
    ]
    #expect(try named("node_linear_3", "val_4", path) == "layers.0.fc")
    #expect(try named("node_linear_3", "val_4", ["namespace": ": Net/linear_3: aten"]) == "node_linear_3")
  }

  @Test("a weight behind a transpose, a cast or codes counts, and names stay distinct")
  func behindViews() throws {
    var second = node("node_MatMul_9", "MatMul", ["a", "t"], ["y"])
    second.metadata = ["pkg.torch.onnx.name_scopes": "['', 'lm_head', 'linear_1']"]
    let made = try LayerForms.normalized(
      graph(
        [
          node("node_t", "Transpose", ["wte.weight"], ["t"]),
          node("node_MatMul_8", "MatMul", ["x", "t"], ["a"]), second,
        ], ["wte.weight": matrix(3, 3)]))
    #expect(made.nodes.map(\.name) == ["wte", "lm_head"])
    #expect(made.nodes[0].formerName == "node_MatMul_8")
    let shared = try names(
      [
        node("MatMul_1", "MatMul", ["x", "fc.weight"], ["a"]),
        node("MatMul_2", "MatMul", ["a", "fc.weight"], ["y"]),
      ],
      ["fc.weight": matrix(3, 3)])
    #expect(shared == ["fc", "fc_2"])
  }

  @Test("other nodes, and products of two computed values, keep their names")
  func others() throws {
    let made = try names(
      [node("Add_1", "Add", ["x", "pos.weight"], ["a"]), node("MatMul_2", "MatMul", ["x", "a"], ["y"])],
      ["pos.weight": matrix(3, 3)])
    #expect(made == ["Add_1", "MatMul_2"])
  }
}
