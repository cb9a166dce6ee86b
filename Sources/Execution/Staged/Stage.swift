import GraphIR
import Operators
import Synchronization
import TensorCore

/// One stretch of a staged run: a plan of everything that is known, and the nodes to be evaluated behind it.
final class Stage: Sendable {
  /// Nil where nothing could be planned.
  let plan: ExecutionPlan?
  /// Nodes to evaluate, in this order, each on the values of those before.
  let dynamic: [Int]
  /// What is left for the stages behind.
  let rest: [Int]
  private let following = Mutex<[[ValueKey]: Stage]>([:])

  /// Different shapes that are kept planned; a model whose every run brings new ones is evaluated node by node from
  /// then on, which is cheaper than planning each time.
  static let limit = 16

  /// - Parameters:
  ///   - remaining: indices of the nodes that have not run yet.
  ///   - values: what is known so far; only types matter.
  ///   - plans: false to evaluate all that remains node by node.
  init(of staged: StagedGraph, remaining: [Int], values: [String: RuntimeValue], plans: Bool) throws {
    let graph = staged.graph
    guard plans else {
      (plan, dynamic, rest) = (nil, remaining, [])
      return
    }
    var part = graph
    part.nodes = remaining.map { graph.nodes[$0] }
    part.inputs = Stage.inputs(of: part.nodes, outputs: graph.outputs, values: values)
    let known = try ShapeInference.inferTypes(
      graph: part, dimensions: [:], registry: staged.registry, allowsUnknown: true)
    var available = Set(part.inputs.map(\.name)).union(graph.initializers.keys)
    var planned: [Int] = []
    var later: [Int] = []
    for index in remaining {
      let node = graph.nodes[index]
      if node.reads.allSatisfy(available.contains), Stage.isPlannable(node, in: graph, staged, known) {
        planned.append(index)
        available.formUnion(node.outputs)
      } else {
        later.append(index)
      }
    }
    // A node behind a value that is not there yet waits for it: once its type is known, it may be planned.
    let dynamic = later.filter { graph.nodes[$0].reads.allSatisfy(available.contains) }
    let rest = later.filter { !graph.nodes[$0].reads.allSatisfy(available.contains) }
    guard !planned.isEmpty || !dynamic.isEmpty || rest.isEmpty else {
      let node = graph.nodes[rest[0]]
      let missing = node.reads.filter { !available.contains($0) }.min() ?? ""
      throw OperatorError.undefinedValue(name: missing, node: node.name)
    }
    self.dynamic = dynamic
    self.rest = rest
    plan = try Stage.plan(part, nodes: planned, later: later, known: known, staged: staged)
  }

  /// The stage behind this one for values of these types.
  func next(of staged: StagedGraph, values: [String: RuntimeValue]) throws -> Stage? {
    if rest.isEmpty { return nil }
    let key = dynamic.flatMap { staged.graph.nodes[$0].outputs }.map { ValueKey(values[$0]) }
    if let stage = following.withLock({ $0[key] }) { return stage }
    let isFull = following.withLock { $0.count } >= Stage.limit
    let stage = try Stage(of: staged, remaining: rest, values: values, plans: !isFull)
    if !isFull { following.withLock { $0[key] = stage } }
    return stage
  }

  /// The values at hand that the nodes read, with what is known of their types.
  private static func inputs(
    of nodes: [Node], outputs: [ValueInfo], values: [String: RuntimeValue]
  ) -> [ValueInfo] {
    var reads = Set(outputs.map(\.name))
    for node in nodes { reads.formUnion(node.reads) }
    return reads.sorted().compactMap { name in
      guard let value = values[name] else { return nil }
      guard let tensor = value.tensor else {
        return ValueInfo(name: name, dataType: .float32, dimensions: nil, wrapping: [.sequence])
      }
      return ValueInfo(
        name: name, dataType: tensor.dataType, dimensions: tensor.shape.dimensions.map { .fixed($0) })
    }
  }

  private static func isPlannable(
    _ node: Node, in graph: Graph, _ staged: StagedGraph, _ known: InferredTypes
  ) -> Bool {
    if known.foldedNodes.contains(node.name) {
      return node.outputs.allSatisfy { known.types[$0]?.dataType != .string }
    }
    guard let member = try? staged.registry.find(node, opset: graph.opset(of: node)),
      member.traits(of: node.kind).promises.isDisjoint(with: [.dynamic, .random])
    else { return false }
    let names = node.inputs + node.outputs
    return names.allSatisfy { name in
      name.isEmpty
        || (known.types[name].map { $0.dataType != .string } ?? false) && !known.unknown.contains(name)
    }
  }

  private static func plan(
    _ part: Graph, nodes: [Int], later: [Int], known: InferredTypes, staged: StagedGraph
  ) throws -> ExecutionPlan? {
    guard !nodes.isEmpty else { return nil }
    var wanted = staged.options.keep.union(part.outputs.map(\.name))
    for index in later { wanted.formUnion(staged.graph.nodes[index].reads) }
    var stretch = part
    stretch.nodes = nodes.map { staged.graph.nodes[$0] }
    var seen: Set<String> = []
    stretch.outputs = stretch.nodes.flatMap(\.outputs).compactMap { name in
      guard !name.isEmpty, wanted.contains(name), seen.insert(name).inserted, let type = known.types[name]
      else { return nil }
      return ValueInfo(
        name: name, dataType: type.dataType, dimensions: type.shape.dimensions.map { .fixed($0) })
    }
    guard !stretch.outputs.isEmpty else { return nil }
    var reads = Set<String>()
    for node in stretch.nodes { reads.formUnion(node.reads) }
    stretch.inputs = part.inputs.filter { reads.contains($0.name) }
    stretch.initializers = part.initializers.filter { reads.contains($0.key) }
    var options = staged.options
    options.keep = []
    return try ExecutionPlan(graph: stretch, options: options)
  }
}
