import Compression
import GraphIR
import Rewriting
import Recipes
import TensorCore
import Testing

/// Hidden units of recurrent nodes.
@Suite struct RecurrentUnitTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let kind: OperatorKind
    let gates: Int
    var directions = 1
    /// The output that is read behind: Y, Y_h or Y_c.
    var output = 0
    var startsFrom = Start.nothing
    enum Start: Sendable { case nothing, constant, zeros }
    var testDescription: String { "\(kind) \(directions) \(output) \(startsFrom)" }
  }

  private static let cases = [
    Case(kind: "LSTM", gates: 4), Case(kind: "GRU", gates: 3), Case(kind: "RNN", gates: 1),
    Case(kind: "LSTM", gates: 4, directions: 2), Case(kind: "GRU", gates: 3, directions: 2),
    Case(kind: "LSTM", gates: 4, output: 1, startsFrom: .constant),
    Case(kind: "LSTM", gates: 4, directions: 2, output: 2, startsFrom: .constant),
    Case(kind: "GRU", gates: 3, output: 1, startsFrom: .zeros),
  ]
  private static let (steps, batch, inputs, hidden) = (5, 2, 7, 8)
  private static let gone = [1, 6]

  /// Zeros in the rows of the units that go, along an axis of runs of `hidden`.
  private static func zeroing(_ tensor: Tensor, axis: Int) throws -> Tensor {
    let inner = tensor.shape.dimensions[(axis + 1)...].reduce(1, *)
    let values = tensor.floats.enumerated().map { index, value in
      gone.contains(index / inner % tensor.shape[axis] % hidden) ? 0 : value
    }
    return try Tensor(shape: tensor.shape, values)
  }

  /// A recurrent node, and a layer behind it that reads all its units.
  private static func model(_ which: Case) throws -> Model {
    var net = NetworkBuilder(seed: 4)
    let (ways, rows) = (which.directions, which.gates * hidden)
    let w = net.constant("w", try zeroing(net.normal([ways, rows, inputs], scale: 0.4), axis: 1))
    let r = net.constant("r", try zeroing(net.normal([ways, rows, hidden], scale: 0.4), axis: 1))
    let b = net.constant("b", try zeroing(net.normal([ways, 2 * rows], scale: 0.4), axis: 1))
    var reads = ["x", w, r, b, ""]
    switch which.startsFrom {
    case .nothing: break
    case .constant:
      reads.append(net.constant("h0", try zeroing(net.normal([ways, batch, hidden]), axis: 2)))
      if which.kind == "LSTM" {
        reads.append(net.constant("c0", try zeroing(net.normal([ways, batch, hidden]), axis: 2)))
        reads.append(net.constant("p", try zeroing(net.normal([ways, 3 * hidden]), axis: 1)))
      }
    case .zeros:
      net.weights["size"] = .dense(try Tensor(shape: [3], [ways, batch, hidden].map { Int64($0) }))
      reads.append(net.node("h0", "ConstantOfShape", ["size"]))
    }
    var attributes: [String: Attribute] = ["hidden_size": .int(hidden)]
    if ways == 2 { attributes["direction"] = .string("bidirectional") }
    net.node("rnn", which.kind, reads, attributes)
    let outputs = ["y", "y_h", "y_c"].prefix(which.kind == "LSTM" ? 3 : 2)
    net.nodes[net.nodes.count - 1].outputs = Array(outputs)
    net.value = outputs[which.output]
    if which.output == 0 {
      net.node("turn", "Transpose", [net.value], ["perm": .ints([0, 2, 1, 3])])
      net.weights["flat"] = .dense(try Tensor(shape: [3], [0, 0, -1].map { Int64($0) }))
    } else {
      net.node("turn", "Transpose", [net.value], ["perm": .ints([1, 0, 2])])
      net.weights["flat"] = .dense(try Tensor(shape: [2], [batch, -1].map { Int64($0) }))
    }
    net.node("merge", "Reshape", [net.value, "flat"])
    net.matMul("head", ways * hidden, 3)
    var model = net.model(input: [steps, batch, inputs])
    model.graph = try LayerForms.normalized(model.graph)
    return model
  }

  private static let recipe = Recipe(
    model: LayerSettings().with(\.prune, 0.25).with(\.pattern, .channels).with(\.allocation, .uniform))

  @Test(arguments: cases) func unitsThatAreZeroGoWithoutAChange(which: Case) throws {
    let model = try Self.model(which)
    let compressed = try Compressor(model: model).compress(Self.recipe)
    let graph = compressed.model.graph
    let node = try #require(graph.nodes.first { $0.name == "rnn" })
    #expect(node.int("hidden_size") == 6)
    let shapes = Set(graph.initializers.values.map(\.shape.dimensions))
    let (ways, rows) = (which.directions, which.gates * 6)
    #expect(shapes.isSuperset(of: [[ways * rows, Self.inputs], [ways * rows, 6], [ways, 2 * rows]]))
    #expect(graph.initializers["head.weight"]?.shape.dimensions == [ways * 6, 3])
    let input = [Self.steps, Self.batch, Self.inputs]
    let (before, after) = (try model.run(input), try compressed.model.run(input))
    #expect(!before.isEmpty)
    for (name, values) in before { #expect(after[name].map { closeEnough(values, $0) } == true) }
    #expect(compressed.size.bytes == compressed.storedBytes.count)
    #expect(compressed.size.bytes < compressed.size.originalBytes)
  }

  @Test func unitsThatTheModelGivesOutStay() throws {
    var model = try Self.model(Case(kind: "LSTM", gates: 4))
    model.graph.outputs.append(ValueInfo(name: "y_h", dataType: .float32, dimensions: nil))
    let compressed = try Compressor(model: model).compress(Self.recipe)
    #expect(compressed.model.graph.nodes.first { $0.name == "rnn" }?.int("hidden_size") == Self.hidden)
    let remarks = compressed.layers.filter { $0.name.hasPrefix("rnn/") }.flatMap(\.remarks)
    #expect(remarks.contains { $0.contains("is an output of the model") })
  }

  @Test func unitsOfOneNodeAreFeaturesOfTheNext() throws {
    var net = NetworkBuilder(seed: 9)
    func recurrent(_ name: String, _ input: String, _ features: Int, _ net: inout NetworkBuilder) throws {
      let tensors = [
        net.normal([1, 4 * Self.hidden, features]), net.normal([1, 4 * Self.hidden, Self.hidden]),
        net.normal([1, 8 * Self.hidden]),
      ]
      var names: [String] = []
      for (part, tensor) in zip(["w", "r", "b"], tensors) {
        names.append(net.constant("\(name).\(part)", try Self.zeroing(tensor, axis: 1)))
      }
      net.node(name, "LSTM", [input] + names, ["hidden_size": .int(Self.hidden)])
      net.weights["one"] = .dense(try Tensor(shape: [1], [Int64(1)]))
      net.node("\(name).squeeze", "Squeeze", [net.value, "one"])
    }
    try recurrent("first", "x", Self.inputs, &net)
    try recurrent("second", net.value, Self.hidden, &net)
    net.matMul("head", Self.hidden, 3)
    var model = net.model(input: [Self.steps, Self.batch, Self.inputs])
    model.graph = try LayerForms.normalized(model.graph)
    let compressed = try Compressor(model: model).compress(Self.recipe)
    for name in ["first", "second"] {
      #expect(compressed.model.graph.nodes.first { $0.name == name }?.int("hidden_size") == 6)
    }
    // W of the second reads six units: [4 * 6, 6], as R does.
    let squares = compressed.model.graph.initializers.values.filter { $0.shape.dimensions == [24, 6] }
    #expect(squares.count == 3)
    let input = [Self.steps, Self.batch, Self.inputs]
    let (before, after) = (try model.run(input), try compressed.model.run(input))
    for (name, values) in before { #expect(after[name].map { closeEnough(values, $0) } == true) }
  }
}
