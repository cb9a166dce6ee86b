import GraphIR
import Kernels
import Operators
import TensorCore

/// Steps that run an operator, or code of our own in its place.
extension Lowering {
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
        title: node.kind.description, nodes: [node.name], kernel: .operation(node.kind), body: body,
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
  /// - Parameter weightBytes: bytes that one run reads of weights that the code holds.
  mutating func emit(
    for node: Node, weightBytes: Int = 0, inputs: [ValueID?], layout: Layout, samples count: Int,
    make: @escaping @Sendable (Int) -> OperatorBody
  ) {
    let output = define(node.outputs[0], as: layout, home: .arena)
    program.steps.append(
      Program.Step(
        title: node.kind.description, nodes: [node.name], kernel: .operation(node.kind), body: make(count),
        weightBytes: weightBytes, inputs: inputs, outputs: [output],
        slicings: [samples(count, inputs: inputs, outputs: [output], make: make)],
        nanoseconds: copyNanoseconds(inputs + [output]), fewestSamples: 1))
  }

  /// Runs several nodes in one step that writes a plain value; nodes not reached yet are skipped.
  mutating func emit(
    _ body: OperatorBody, for nodes: [Node], kernel: KernelIdentity, inputs: [ValueID?], output: String,
    slicings: [Slicing], nanoseconds: Double
  ) {
    covered.formUnion(nodes.map(\.name))
    let id = define(output, as: .plain, home: .arena)
    program.steps.append(
      Program.Step(
        title: nodes.map(\.kind.description).joined(separator: "+"), nodes: nodes.map(\.name),
        kernel: .product(kernel), body: body, inputs: inputs, outputs: [id], slicings: slicings,
        nanoseconds: nanoseconds))
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
        title: node.kind.description, nodes: [node.name], kernel: .operation(kind),
        body: try found.prepare(site, outputs: types, table: table), inputs: inputs, outputs: [output],
        overwrites: overwrites, slicings: slicing.map { [$0] } ?? [],
        nanoseconds: found.traits(of: kind).cost.nanoseconds(site, outputs: types),
        fewestSamples: slicing?.isSamples == true ? 1 : nil))
  }
}
