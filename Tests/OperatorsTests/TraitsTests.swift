import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

@Suite("Facts about operators")
struct TraitsTests {
  private static let registry = OperatorRegistry.standard

  private func member(_ kind: OperatorKind) throws -> any Operator {
    try Self.registry.find(Node(name: "n", kind: kind, inputs: [], outputs: []), opset: 17)
  }

  @Test("what is declined says why, and only dynamic operators are dynamic")
  func declined() throws {
    for kind in Self.registry.kinds {
      let member = try member(kind)
      let traits = member.traits(of: kind)
      #expect(traits.promises.contains(.dynamic) == (member is any DynamicOperator), "\(kind)")
      var reasons: [String] = []
      switch traits.form {
      case .pointwise(let form):
        #expect(traits.promises.contains(.inPlace), "\(kind)")
        if case .declined(let reason) = form.derivative { reasons.append(reason) }
      case .rowwise(let form): if case .declined(let reason) = form.derivative { reasons.append(reason) }
      case .structured: break
      case .opaque(let reason): reasons.append(reason)
      }
      if case .uncounted(let reason) = traits.cost.multiplyAdds { reasons.append(reason) }
      #expect(reasons.allSatisfy { !$0.isEmpty }, "\(kind)")
    }
  }

  @Test("recorded cases of pointwise operators give the same for each element alone", arguments: try cases())
  func pointwise(recorded: RecordedCase) throws {
    let graph = try recorded.graph()
    let (node, site) = try site(graph)
    guard let form = try member(node.kind).traits(of: node.kind).pointwise(at: site) else { return }
    let fed = try recorded.fed.mapValues { try $0.tensor() }
    let whole = try #require(try runner.run(graph, inputs: fed)[node.outputs[0]])
    let values = node.inputs.map { fed[$0] ?? graph.initializers[$0]?.tensor }
    for place in Set([0, whole.count / 2, whole.count - 1]) where place >= 0 && whole.count > 0 {
      // Every operand as the one element that broadcasting puts at this place.
      var constants: [String: Tensor] = [:]
      for (index, value) in values.enumerated() {
        guard let value else { continue }
        constants["e\(index)"] =
          form.reads(index) ? try element(of: value, at: place, of: whole.shape) : value
      }
      var single = node
      single.inputs = values.indices.map { values[$0] == nil ? "" : "e\($0)" }
      let small = Graph(
        name: "one", inputs: [],
        outputs: [ValueInfo(name: node.outputs[0], dataType: whole.dataType, dimensions: nil)],
        nodes: [single],
        initializers: constants.mapValues { .dense($0) }, opsets: graph.opsets)
      let found = try #require(try runner.run(small, inputs: [:])[node.outputs[0]])
      let size = whole.dataType.byteCount
      #expect(bytes(found) == Array(bytes(whole)[place * size..<(place + 1) * size]), "element \(place)")
    }
  }

  @Test("recorded cases of row-wise operators give the same for each row alone", arguments: try cases())
  func rowwise(recorded: RecordedCase) throws {
    let graph = try recorded.graph()
    let (node, site) = try site(graph)
    guard let form = try member(node.kind).traits(of: node.kind).rowwise, let axes = form.axes(at: site),
      let first = axes.first, first > 0, node.outputs.count == 1, let name = node.input(0)
    else { return }
    let fed = try recorded.fed.mapValues { try $0.tensor() }
    let whole = try #require(try runner.run(graph, inputs: fed)[node.outputs[0]])
    let value = try #require(fed[name] ?? graph.initializers[name]?.tensor)
    guard value.shape[0] > 1 else { return }
    // The last of the pieces along the first axis.
    var small = graph
    let piece = try last(value)
    small.inputs = graph.inputs.map { input in
      var input = input
      if input.name == name { input.dimensions = piece.shape.dimensions.map { .fixed($0) } }
      return input
    }
    if fed[name] == nil { small.initializers[name] = .dense(piece) }
    let found = try #require(
      try runner.run(small, inputs: fed.merging(fed[name] == nil ? [:] : [name: piece]) { $1 })[
        node.outputs[0]])
    let expected = try last(whole)
    #expect(bytes(found) == bytes(expected))
  }

  /// Those whose output can be compared byte by byte.
  private static func cases() throws -> [RecordedCase] { try RecordedCase.load() }

  private func bytes(_ tensor: Tensor) -> [UInt8] { withExtendedLifetime(tensor) { Array(tensor.bytes) } }

  private let runner = ReferenceRunner(table: .for(.portable))

  private func site(_ graph: Graph) throws -> (Node, OperatorSite) {
    let known = try ShapeInference.inferTypes(graph: graph, dimensions: [:], allowsUnknown: true)
    return (graph.nodes[0], try known.site(of: graph.nodes[0], in: graph))
  }

  private func last(_ tensor: Tensor) throws -> Tensor {
    let bytes = tensor.byteCount / tensor.shape[0]
    let storage = TensorStorage(byteCount: bytes) { target in
      target.copyBytes(from: self.bytes(tensor)[(tensor.byteCount - bytes)...])
    }
    return try Tensor(
      shape: Shape([1] + tensor.shape.dimensions.dropFirst()), dataType: tensor.dataType, storage: storage)
  }

  /// The element that broadcasting to `shape` puts at a place, under the tensor's rank.
  private func element(of tensor: Tensor, at place: Int, of shape: Shape) throws -> Tensor {
    var rest = place
    var source = 0
    let lead = shape.rank - tensor.shape.rank
    for axis in shape.dimensions.indices.reversed() {
      let index = rest % shape[axis]
      rest /= shape[axis]
      if axis >= lead, tensor.shape[axis - lead] > 1 { source += index * tensor.shape.strides[axis - lead] }
    }
    let size = tensor.dataType.byteCount
    let storage = TensorStorage(byteCount: size) { target in
      target.copyBytes(from: bytes(tensor)[source * size..<(source + 1) * size])
    }
    let ones = try Shape([Int](repeating: 1, count: tensor.shape.rank))
    return try Tensor(shape: ones, dataType: tensor.dataType, storage: storage)
  }
}
