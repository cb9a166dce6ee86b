import GraphIR
import Kernels
import Operators
import Rewriting
import TensorCore

/// Turns a simplified graph into a program, node by node, in the order of the graph.
///
/// Each ONNX value may exist in several layouts; the first is the one its producer wrote, others are made when
/// somebody asks for them.
struct Lowering {
  typealias ValueID = Program.ValueID

  let graph: Graph
  let types: [String: TensorType]
  let consumers: [String: [Int]]
  let producers: [String: Int]
  let pinned: Set<String>
  let registry: OperatorRegistry
  let table: KernelTable
  let options: PlanOptions
  let groups: LayerGroups
  let attentions: AttentionGroups?
  var program = Program()
  private var places: [String: [(layout: Layout, id: ValueID)]] = [:]
  /// Nodes whose result nobody has asked for yet, by that result: those who read it mostly do without.
  private var postponed: [String: Node] = [:]
  /// Products that wait for the one that reads them, by their result.
  var factorHeads: [String: LayerGroup] = [:]
  /// Nodes that an earlier step covers.
  private var covered: Set<String> = []

  init(_ base: TypedGraph, registry: OperatorRegistry, table: KernelTable, options: PlanOptions) {
    graph = base.graph
    types = base.types
    consumers = base.graph.consumers
    producers = base.graph.producers
    pinned = base.pinned
    self.registry = registry
    self.table = table
    self.options = options
    groups = LayerGroups(base, fuses: options.fuses)
    attentions = options.fuses ? AttentionGroups(base, excluding: groups.members) : nil
  }

  /// The whole program, and where each pinned value is in plain layout.
  mutating func lower() throws -> [String: ValueID] {
    for (index, input) in graph.inputs.enumerated() {
      let type = try type(of: input.name)
      define(input.name, as: .plain, home: .input(index), type: type)
    }
    for (index, node) in graph.nodes.enumerated() {
      if let group = groups.anchored[index] {
        try lower(group)
      } else if let group = attentions?.anchored[index] {
        if try !lower(group) {
          for member in group.nodes { try lower(graph.nodes[member]) }
        }
      } else if !groups.members.contains(index), attentions?.members.contains(index) != true {
        try lower(node)
      }
    }
    var places: [String: ValueID] = [:]
    for name in pinned.sorted() where types[name] != nil { places[name] = try value(name, in: .plain) }
    return places
  }

  private mutating func lower(_ node: Node) throws {
    if covered.contains(node.name) { return }
    if options.fuses {
      if groups.isOnlyReadByIntegerLayers(node) || isOnlyReadByProducts(node) {
        if let output = node.outputs.first { postponed[output] = node }
        return
      }
      if try lowerByRule(node) { return }
    }
    try emitPlain(node)
  }

  /// By the rule of its kind, or by what is true of its operator; false where it runs in plain layout.
  private mutating func lowerByRule(_ node: Node) throws -> Bool {
    for rule in LoweringRules.all where rule.kinds.contains(node.kind) {
      if try rule.lower(node, in: &self) { return true }
    }
    switch try registry.find(node, opset: graph.opset(of: node)).traits(of: node.kind).form {
    case .pointwise(let form): return try lower(node, pointwise: form)
    case .rowwise(let form): return try lower(node, rowwise: form)
    case .structured, .opaque: return false
    }
  }

  /// Whether a transpose can become the strides of the products that read it.
  private func isOnlyReadByProducts(_ node: Node) -> Bool {
    guard node.kind == "Transpose", let output = node.outputs.first, !pinned.contains(output),
      let input = node.input(0), layout(of: input) == .plain, let readers = consumers[output]
    else { return false }
    return readers.allSatisfy { graph.nodes[$0].kind == "MatMul" && !groups.members.contains($0) }
  }

  /// The node behind a value that is not made yet.
  func postponedNode(_ name: String) -> Node? { postponed[name] }

  /// The one node that reads a value which nobody else needs; nil where there are none, several, or it is in a group.
  func onlyReader(of name: String) -> Node? {
    guard !pinned.contains(name), let readers = consumers[name], readers.count == 1,
      !groups.members.contains(readers[0])
    else { return nil }
    return graph.nodes[readers[0]]
  }

  // MARK: Values

  func type(of name: String) throws -> TensorType {
    guard let type = types[name] else {
      throw GraphError.undefinedValue(name: name, node: "the plan")
    }
    return type
  }

  /// The value of an initializer as its readers see it.
  func constant(_ name: String?) -> Tensor? {
    guard let name, let tensor = graph.initializers[name]?.tensor else { return nil }
    guard types[name]?.dataType == .float32, tensor.dataType != .float32 else { return tensor }
    return try? Tensor(shape: tensor.shape, tensor.floats)
  }

  /// The layout the value was produced in; plain for constants and values that do not exist yet.
  func layout(of name: String) -> Layout { places[name]?.first?.layout ?? .plain }

  /// The value in the layout its producer wrote.
  mutating func value(_ name: String) throws -> (id: ValueID, layout: Layout) {
    if let place = places[name]?.first { return (place.id, place.layout) }
    return (try value(name, in: .plain), .plain)
  }

  /// The value in `layout`, converted where it does not exist so yet.
  mutating func value(_ name: String, in layout: Layout) throws -> ValueID {
    if let place = places[name]?.first(where: { $0.layout == layout }) { return place.id }
    if let tensor = constant(name) {
      return define(
        name, as: .plain, home: .constant(tensor), type: TensorType(tensor.dataType, tensor.shape))
    }
    if let node = postponed.removeValue(forKey: name) { try lowerEagerly(node) }
    guard let source = places[name]?.first else {
      throw GraphError.undefinedValue(name: name, node: "the plan")
    }
    if source.layout == layout { return source.id }
    return try convert(name, from: source, to: layout)
  }

  private mutating func lowerEagerly(_ node: Node) throws {
    if try !lowerByRule(node) { try emitPlain(node) }
  }

  @discardableResult
  mutating func define(_ name: String, as layout: Layout, home: Program.Home, type: TensorType? = nil)
    -> ValueID
  {
    let logical = type ?? types[name] ?? TensorType(.float32, [])
    let stored = TensorType(logical.dataType, layout.stored(logical.shape))
    program.values.append(Program.Value(name: name, type: stored, home: home))
    places[name, default: []].append((layout, program.values.count - 1))
    return program.values.count - 1
  }

  /// A value that no graph value stands for.
  mutating func temporary(_ type: TensorType, home: Program.Home = .arena) -> ValueID {
    program.values.append(Program.Value(name: "", type: type, home: home))
    return program.values.count - 1
  }

  private mutating func convert(
    _ name: String, from source: (layout: Layout, id: ValueID), to layout: Layout
  ) throws -> ValueID {
    let logical = try type(of: name)
    if source.layout.isPlain(for: logical.shape) && layout.isPlain(for: logical.shape) {
      return define(name, as: layout, home: .alias(source.id))
    }
    guard source.layout == .plain || layout == .plain else {
      // Between two unlike layouts by way of the plain one.
      _ = try value(name, in: .plain)
      guard let plain = places[name]?.first(where: { $0.layout == .plain }) else {
        throw GraphError.undefinedValue(name: name, node: "the plan")
      }
      return try convert(name, from: plain, to: layout)
    }
    let channels: Int
    switch (source.layout, layout) {
    case (.flattened(let count, _), _), (_, .flattened(let count, _)): channels = count
    default: channels = logical.shape[1]
    }
    let batch = logical.shape[0]
    let area = logical.shape.count / (batch * channels)
    let (rows, columns) = source.layout == .plain ? (channels, area) : (area, channels)
    let id = define(name, as: layout, home: .arena)
    let bytes = logical.dataType.byteCount
    let vector = table.vector
    let body = { @Sendable (batch: Int) in
      BatchTranspose(batch: batch, rows: rows, columns: columns, elementBytes: bytes).body(vector)
    }
    program.steps.append(
      Program.Step(
        title: "Transpose", nodes: [], kernel: "transpose", body: body(batch), inputs: [source.id],
        outputs: [id],
        slicings: [samples(batch, inputs: [source.id], outputs: [id], make: body)],
        nanoseconds: copyNanoseconds([source.id, id]), fewestSamples: 1))
    return id
  }

  // MARK: Steps

  /// Runs a node by its operator, all values in plain layout.
  mutating func emitPlain(_ node: Node) throws {
    var inputs: [ValueID?] = []
    for name in node.inputs { inputs.append(name.isEmpty ? nil : try value(name, in: .plain)) }
    try emit(node, inputs: inputs, layout: .plain)
  }

  /// Runs a node by its operator on values whose stored types are what it sees.
  mutating func emit(
    _ node: Node, inputs: [ValueID?], layout: Layout, overwrites: [Int] = []
  ) throws {
    let site = OperatorSite(
      node: node, opset: graph.opset(of: node),
      inputs: inputs.map { $0.map { program.values[$0].type } },
      constants: inputs.map { $0.flatMap { knownValue($0) } })
    let outputTypes = try node.outputs.map { name in
      let type = name.isEmpty ? TensorType(.float32, []) : try type(of: name)
      return TensorType(type.dataType, layout.stored(type.shape))
    }
    let found = try registry.find(node, opset: site.opset)
    let body = try found.prepare(site, outputs: outputTypes, table: table)
    let outputs: [ValueID?] = node.outputs.map { name in
      guard !name.isEmpty, pinned.contains(name) || consumers[name] != nil else { return nil }
      return define(name, as: layout, home: .arena)
    }
    let slicing =
      options.fuses ? OperatorSlicing.slicing(site, outputs: outputTypes, with: found, table: table) : nil
    program.steps.append(
      Program.Step(
        title: node.kind.description, nodes: [node.name], kernel: node.kind.description, body: body,
        inputs: inputs, outputs: outputs, overwrites: overwrites, slicings: slicing.map { [$0] } ?? [],
        nanoseconds: found.traits(of: node.kind).cost.nanoseconds(site, outputs: outputTypes),
        fewestSamples: slicing?.isSamples == true ? 1 : nil))
  }

  /// A node as its operator sees it in plain layout. Of the constants, those that are integers are given, such as axes.
  func site(of node: Node) throws -> OperatorSite {
    OperatorSite(
      node: node, opset: graph.opset(of: node),
      inputs: try node.inputs.map { $0.isEmpty ? nil : try type(of: $0) },
      constants: node.inputs.map { types[$0]?.dataType.isFloatingPoint == false ? constant($0) : nil })
  }

  /// The value of a constant under the shape it is read with.
  private func knownValue(_ id: ValueID) -> Tensor? {
    guard case .constant(let tensor) = program.values[program.root(id)].home else { return nil }
    return try? tensor.reshaped(to: program.values[id].type.shape)
  }

  /// Runs a node's first output by code of our own that treats each of `samples` alone.
  mutating func emit(
    for node: Node, inputs: [ValueID?], layout: Layout, samples count: Int,
    make: @escaping @Sendable (Int) -> OperatorBody
  ) {
    let output = define(node.outputs[0], as: layout, home: .arena)
    program.steps.append(
      Program.Step(
        title: node.kind.description, nodes: [node.name], kernel: node.kind.description, body: make(count),
        inputs: inputs, outputs: [output],
        slicings: [samples(count, inputs: inputs, outputs: [output], make: make)],
        nanoseconds: copyNanoseconds(inputs + [output]), fewestSamples: 1))
  }

  /// Runs several nodes in one step that writes a plain value; nodes not reached yet are skipped.
  mutating func emit(
    _ body: OperatorBody, for nodes: [Node], kernel: String, inputs: [ValueID?], output: String,
    slicings: [Slicing], nanoseconds: Double
  ) {
    covered.formUnion(nodes.map(\.name))
    let id = define(output, as: .plain, home: .arena)
    program.steps.append(
      Program.Step(
        title: nodes.map(\.kind.description).joined(separator: "+"), nodes: nodes.map(\.name), kernel: kernel,
        body: body, inputs: inputs, outputs: [id], slicings: slicings, nanoseconds: nanoseconds))
  }

  /// Runs one operator of those that together make up a node.
  mutating func emitPart(
    of node: Node, as kind: OperatorKind, inputs: [ValueID], output: ValueID, overwrites: [Int]
  ) throws {
    let names = inputs.indices.map { "\($0)" }
    let part = Node(name: node.name, kind: kind, inputs: names, outputs: ["out"], opset: node.opset)
    let site = OperatorSite(
      node: part, opset: graph.opset(of: part), inputs: inputs.map { program.values[$0].type },
      constants: inputs.map { knownValue($0) })
    let types = [program.values[output].type]
    let found = try registry.find(part, opset: site.opset)
    let slicing = OperatorSlicing.slicing(site, outputs: types, with: found, table: table)
    program.steps.append(
      Program.Step(
        title: node.kind.description, nodes: [node.name], kernel: kind.description,
        body: try found.prepare(site, outputs: types, table: table), inputs: inputs, outputs: [output],
        overwrites: overwrites, slicings: slicing.map { [$0] } ?? [],
        nanoseconds: found.traits(of: kind).cost.nanoseconds(site, outputs: types),
        fewestSamples: slicing?.isSamples == true ? 1 : nil))
  }
}

/// How nodes of some kinds become steps where neither their operator in plain layout nor what is true of it will do.
protocol LoweringRule: Sendable {
  var kinds: Set<OperatorKind> { get }
  /// Adds the steps of `node`, or returns false to leave it to the next rule or its operator.
  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool
}

enum LoweringRules {
  static let all: [any LoweringRule] = [
    PoolRule(), GlobalPoolRule(), ReshapeRule(), TransposeRule(), ConcatRule(), NormalizationRule(),
    DynamicProductRule(),
  ]
}
