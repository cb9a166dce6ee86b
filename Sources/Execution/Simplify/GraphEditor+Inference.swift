import GraphIR
import Operators
import TensorCore

extension GraphEditor {
  /// Sorts the graph, binds its dimensions, infers all types and replaces what is constant by its value.
  init(_ graph: Graph, options: PlanOptions, registry: OperatorRegistry) throws {
    var graph = try graph.sorted()
    graph.inputs = GraphEditor.bound(graph.inputs, options: options)
    let widened = graph.wideningStoredHalves(keepsValues: true)
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
}
