import GraphIR
import Operators
import TensorCore

extension GraphEditor {
  /// Sorts the graph, binds its dimensions, infers all types and replaces what is constant by its value.
  init(_ graph: Graph, options: PlanOptions, registry: OperatorRegistry) throws {
    var graph = try graph.sorted()
    graph.inputs = GraphEditor.bound(graph.inputs, options: options)
    let halves = GraphEditor.halfWeights(of: graph)
    var widened = graph
    for name in halves {
      guard let tensor = graph.initializers[name]?.tensor else { continue }
      widened.initializers[name] = .dense(try Tensor(shape: tensor.shape, tensor.floats))
    }
    let known = try ShapeInference.inferTypes(graph: widened, dimensions: [:], registry: registry)
    graph.nodes = graph.nodes.filter { node in
      guard known.foldedNodes.contains(node.name) else { return true }
      if let output = node.outputs.first, known.types[output]?.dataType == .float32,
        let weight = DequantizedWeight.read(node, in: graph)
      {
        graph.initializers[output] = .quantized(weight)
        return false
      }
      for output in node.outputs where !output.isEmpty {
        if let tensor = known.constants[output] { graph.initializers[output] = .dense(tensor) }
      }
      return false
    }
    self.init(graph: graph, types: known.types, keep: options.keep)
  }

  /// Inputs with every dimension fixed: the first one to the batch, named ones as told, others to 1.
  static func bound(_ inputs: [ValueInfo], options: PlanOptions) -> [ValueInfo] {
    var numbers = options.dimensions
    for input in inputs {
      if case .symbolic(let name)? = input.dimensions?.first, !name.isEmpty, numbers[name] == nil {
        numbers[name] = options.batch
      }
    }
    return inputs.map { input in
      var input = input
      input.dimensions = input.dimensions?.enumerated().map { axis, dimension in
        guard case .symbolic(let name) = dimension else { return dimension }
        return .fixed(numbers[name] ?? numbers["\(input.name).\(axis)"] ?? (axis == 0 ? options.batch : 1))
      }
      return input
    }
  }

  /// Half-precision weights of layers in a model that otherwise computes in float32: they are stored, not computed, so.
  private static func halfWeights(of graph: Graph) -> Set<String> {
    let halves: Set<DataType> = [.float16, .bfloat16]
    guard !graph.inputs.contains(where: { halves.contains($0.dataType) }),
      !graph.nodes.contains(where: { $0.kind == "Cast" && [10, 16].contains($0.int("to") ?? 0) })
    else { return [] }
    let layers: Set<OperatorKind> = ["Conv", "Gemm", "MatMul"]
    var found: Set<String> = []
    for node in graph.nodes where layers.contains(node.kind) {
      for case let name? in [node.input(1), node.input(2)] {
        if case .dense(let tensor)? = graph.initializers[name], halves.contains(tensor.dataType) {
          found.insert(name)
        }
      }
    }
    return found
  }
}
