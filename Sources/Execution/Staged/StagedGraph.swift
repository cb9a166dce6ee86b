import GraphIR
import Operators
import Synchronization
import TensorCore

/// A graph whose shapes are only known as it runs, cut into stages as they become known.
///
/// Each stage is the largest part that the values at hand determine: an ordinary plan, then the nodes that only running
/// can tell (NonZero, If, sequences), through their operators. Stages are kept by the types of the values that came
/// out of the one before, so that a second run with the same shapes plans nothing. Nested graphs run the same way.
final class StagedGraph: Sendable {
  /// Sorted, without nodes that no output needs; nested graphs are named after their place.
  let graph: Graph
  /// Values that a nested graph takes from those around it while they run.
  let captures: [String]
  let options: PlanOptions
  let registry = OperatorRegistry.standard
  /// By the name that `graph` gives them.
  let nested: [String: StagedGraph]
  private let stages = Mutex<[[ValueKey]: Stage]>([:])

  /// A model's graph.
  convenience init(_ graph: Graph, options: PlanOptions) throws {
    guard options.batch > 0 else { throw ExecutionError.invalidBatch(found: options.batch) }
    // Each part is looked at alone, where nothing would tell that 16 bits are only how a weight is stored.
    var bound = try graph.sorted().wideningStoredHalves(keepsValues: true)
    bound.inputs = options.bound(graph.inputs)
    try self.init(bound, constants: [:], options: options, place: "")
  }

  /// - Parameters:
  ///   - constants: initializers of the graphs around it.
  ///   - place: where it stands, which makes names of its nested graphs unique.
  private init(_ graph: Graph, constants: [String: Weight], options: PlanOptions, place: String) throws {
    var graph = graph
    let needed = StagedGraph.neededNodes(of: graph, keeping: options.keep)
    graph.nodes = graph.nodes.indices.filter(needed.contains).map { graph.nodes[$0] }
    let visible = constants.merging(graph.initializers) { _, own in own }
    var nested: [String: StagedGraph] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for (key, attribute) in node.attributes {
        guard case .graph(var body) = attribute else { continue }
        body.name = "\(place)/\(node.name)/\(key)"
        graph.nodes[index].attributes[key] = .graph(body)
        nested[body.name] = try StagedGraph(body, constants: visible, options: options, place: body.name)
      }
    }
    var captures: [String] = []
    let outer = graph.outerReads
    for name in outer.sorted() {
      if let weight = constants[name] { graph.initializers[name] = weight } else { captures.append(name) }
    }
    self.graph = graph
    self.captures = captures
    self.options = options
    self.nested = nested
  }

  /// Whether a plan of one piece could not hold it: texts have no place in planned memory.
  static func isRequired(_ graph: Graph) -> Bool {
    graph.inputs.contains { $0.dataType == .string || !$0.wrapping.isEmpty }
      || graph.initializers.contains { $0.value.dataType == .string }
      || graph.nodes.contains { $0.kind == "Cast" && $0.int("to") == DataType.string.onnxCode }
  }

  /// The first stage for inputs and captured values of these types.
  func firstStage(_ values: [String: RuntimeValue]) throws -> Stage {
    let names = graph.inputs.map(\.name) + captures
    let key = names.map { ValueKey(values[$0]) }
    if let stage = stages.withLock({ $0[key] }) { return stage }
    let stage = try Stage(
      of: self, remaining: Array(graph.nodes.indices), values: values,
      plans: stages.withLock { $0.count } < Stage.limit)
    stages.withLock { stages in
      if stages.count >= Stage.limit { stages.removeAll() }
      stages[key] = stage
    }
    return stage
  }

  /// Tensors for a first run: those given, else zeros of the declared types with open dimensions as the options say.
  func trialInputs(_ given: [String: Tensor]) throws -> [String: Tensor] {
    var inputs: [String: Tensor] = [:]
    for input in graph.inputs {
      if let tensor = given[input.name] {
        inputs[input.name] = tensor
        continue
      }
      guard input.wrapping.isEmpty else {
        throw OperatorError.graphInput(
          name: input.name, expected: "a tensor", found: "a sequence or optional")
      }
      guard let dimensions = input.dimensions else { throw OperatorError.unknownRank(input: input.name) }
      let shape = try Shape(dimensions.map { if case .fixed(let size) = $0 { size } else { 1 } })
      if input.dataType == .string {
        inputs[input.name] = try Tensor(shape: shape, strings: [String](repeating: "", count: shape.count))
      } else {
        let storage = TensorStorage(byteCount: shape.count * input.dataType.byteCount) { _ in }
        inputs[input.name] = try Tensor(shape: shape, dataType: input.dataType, storage: storage)
      }
    }
    return inputs
  }

  /// One step per node, those of nested graphs behind the node that runs them.
  var steps: [PlanStep] {
    graph.nodes.flatMap { node in
      let inner = node.attributes.keys.sorted().flatMap { key -> [PlanStep] in
        guard case .graph(let body)? = node.attributes[key] else { return [] }
        return nested[body.name]?.steps ?? []
      }
      let step = PlanStep(
        name: node.kind.description, nodes: [node.name], kernel: .operation(node.kind), layer: nil)
      return [step] + inner
    }
  }

  private static func neededNodes(of graph: Graph, keeping kept: Set<String>) -> Set<Int> {
    let producers = graph.producers
    var needed: Set<Int> = []
    var open = graph.outputs.map(\.name) + kept
    while let name = open.popLast() {
      guard let index = producers[name], needed.insert(index).inserted else { continue }
      open += graph.nodes[index].reads
    }
    return needed
  }
}

/// What stages are told apart by: a tensor's type, or that a value is none.
enum ValueKey: Hashable {
  case tensor(TensorType)
  case other

  init(_ value: RuntimeValue?) {
    self = value?.tensor.map { .tensor(TensorType($0.dataType, $0.shape)) } ?? .other
  }
}
