import GraphIR
import Operators
import Rewriting
import TensorCore
import Testing

/// A graph from x of a shape to y.
func graph(
  _ nodes: [Node], _ weights: [String: Weight] = [:], input: [Int] = [2, 3], type: DataType = .float32,
  opset: Int = 17
) -> Graph {
  Graph(
    name: "g", inputs: [ValueInfo(name: "x", dataType: type, dimensions: input.map { .fixed($0) })],
    outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)], nodes: nodes,
    initializers: weights, opsets: ["": opset, "com.microsoft": 1])
}

func node(
  _ name: String, _ kind: OperatorKind, _ inputs: [String], _ outputs: [String],
  _ attributes: [String: Attribute] = [:]
) -> Node {
  Node(name: name, kind: kind, inputs: inputs, outputs: outputs, attributes: attributes)
}

func floats(_ values: [Float], _ shape: [Int]? = nil) -> Weight {
  .dense(
    Tensor(shape: Shape(known: shape ?? [values.count]), of: Float.self) {
      _ = $0.update(fromContentsOf: values)
    })
}

func scalar(_ value: Float) -> Weight { .dense(Tensor(scalar: value)) }

/// A matrix of ones but for its first element.
func matrix(_ rows: Int, _ columns: Int) -> Weight {
  floats([0.5] + [Float](repeating: 1, count: rows * columns - 1), [rows, columns])
}

/// The graph after the passes that a plan makes of it, as text, once invariants were checked after every one, and what
/// it computes was compared with the graph as it was.
func planned(_ graph: Graph, keep: Set<String> = []) throws -> String {
  var base = try TypedGraph(planning: graph, keep: keep, registry: .standard)
  for pass in PassList.fusion.passes {
    base = try base.applying(PassList(name: pass.label, passes: [pass]), registry: .standard)
    try GraphBuilder(base).checkInvariants()
  }
  try expectSame(base.graph, graph)
  return base.graph.text
}

/// Whether two graphs compute the same on seeded values.
func expectSame(_ found: Graph, _ expected: Graph) throws {
  let runner = ReferenceRunner(table: .for(.portable))
  var inputs: [String: Tensor] = [:]
  var random = SeededGenerator(seed: 5)
  for input in expected.inputs {
    let shape = try Shape((input.dimensions ?? []).map { if case .fixed(let size) = $0 { size } else { 1 } })
    inputs[input.name] = try Tensor(
      shape: shape, floats: (0..<shape.count).map { _ in random.normal() }, as: input.dataType)
  }
  let (ours, theirs) = (try runner.run(found, inputs: inputs), try runner.run(expected, inputs: inputs))
  for (name, value) in theirs {
    let other = try #require(ours[name])
    #expect(other.shape == value.shape)
    #expect(zip(other.floats, value.floats).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1)) })
  }
}
