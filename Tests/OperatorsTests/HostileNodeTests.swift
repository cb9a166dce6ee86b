import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

/// Every recorded case with its attributes, constants and shapes replaced by what a damaged or hostile file may hold:
/// nothing may trap, hang or allocate without bound; every refusal is a typed error.
@Suite("Hostile nodes")
struct HostileNodeTests {
  private static let extremes = [
    Int.min, Int.min + 1, -(1 << 40), -(1 << 31), -7, -2, -1, 0, 1, 2, 3, 1000, 1 << 31, 1 << 40, Int.max - 1,
    Int.max,
  ]
  private static let floats: [Float] = [
    .nan, .infinity, -.infinity, 0, -1, 1e30, -1e30, .leastNonzeroMagnitude,
  ]

  @Test("are refused or run", arguments: try RecordedCase.load())
  func survive(recorded: RecordedCase) throws {
    let original = try recorded.graph()
    let fed = try recorded.fed.mapValues { try $0.tensor() }
    var random = SeededGenerator(seed: UInt64(recorded.name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }))
    for _ in 0..<60 {
      var graph = original
      var inputs = fed
      for _ in 0...Int.random(in: 0...1, using: &random) { damage(&graph, &inputs, &random) }
      do {
        // What only a run can tell runs.
        let known = try ShapeInference.inferTypes(graph: graph, dimensions: [:], allowsUnknown: true)
        // A large result is legal; running it here would only take time.
        let work = graph.nodes.flatMap(\.outputs).reduce(0) { $0 + (known.types[$1]?.byteCount ?? 0) }
        if work > 1 << 20 { continue }
        _ = try ReferenceRunner(table: .for(CPUFeatureLevel.detected)).run(graph, inputs: inputs)
      } catch is OperatorError {
      } catch is TensorError {
      } catch is GraphError {
      }
    }
  }

  private func damage(_ graph: inout Graph, _ inputs: inout [String: Tensor], _ random: inout SeededGenerator)
  {
    let attributes = graph.nodes[0].attributes.keys.sorted()
    switch Int.random(in: 0..<7, using: &random) {
    case 0, 1:
      guard let name = attributes.randomElement(using: &random) else { return }
      graph.nodes[0].attributes[name] = damaged(graph.nodes[0].attributes[name], &random)
    case 2:
      guard let name = graph.initializers.keys.sorted().randomElement(using: &random),
        let tensor = graph.initializers[name]?.tensor
      else { return }
      graph.initializers[name] = .dense(damaged(tensor, &random))
    case 3:
      guard let place = graph.nodes[0].inputs.indices.randomElement(using: &random) else { return }
      if Bool.random(using: &random) {
        graph.nodes[0].inputs[place] = ""
      } else {
        graph.nodes[0].inputs.removeSubrange(place...)
      }
    case 4:
      guard let place = graph.nodes[0].inputs.indices.randomElement(using: &random),
        let other = graph.nodes[0].inputs.randomElement(using: &random)
      else { return }
      graph.nodes[0].inputs[place] = other
    case 5:
      guard let name = inputs.keys.sorted().randomElement(using: &random), let tensor = inputs[name] else {
        return
      }
      feed(name, reshaped(tensor, &random), &graph, &inputs)
    default:
      guard let name = inputs.keys.sorted().randomElement(using: &random), let tensor = inputs[name] else {
        return
      }
      feed(name, retyped(tensor, &random), &graph, &inputs)
    }
  }

  private func feed(_ name: String, _ tensor: Tensor, _ graph: inout Graph, _ inputs: inout [String: Tensor])
  {
    inputs[name] = tensor
    for index in graph.inputs.indices where graph.inputs[index].name == name {
      graph.inputs[index].dimensions = tensor.shape.dimensions.map { .fixed($0) }
      graph.inputs[index].dataType = tensor.dataType
    }
  }

  private func extreme(_ random: inout SeededGenerator) -> Int {
    Self.extremes.randomElement(using: &random) ?? 0
  }

  private func damaged(_ attribute: Attribute?, _ random: inout SeededGenerator) -> Attribute {
    if Int.random(in: 0..<8, using: &random) == 0 { return .string("nonsense") }
    switch attribute {
    case .ints(var values):
      if values.isEmpty || Int.random(in: 0..<4, using: &random) == 0 {
        return .ints(values + [extreme(&random)])
      }
      values[Int.random(in: values.indices, using: &random)] = extreme(&random)
      return .ints(values)
    case .floats(var values):
      if values.isEmpty { return .floats([.nan]) }
      values[Int.random(in: values.indices, using: &random)] = Self.floats.randomElement(using: &random) ?? 0
      return .floats(values)
    case .float: return .float(Self.floats.randomElement(using: &random) ?? 0)
    case .string: return .string("")
    case .tensor(let tensor): return .tensor(reshaped(tensor, &random))
    default: return .int(extreme(&random))
    }
  }

  private func damaged(_ tensor: Tensor, _ random: inout SeededGenerator) -> Tensor {
    guard tensor.count > 0, Int.random(in: 0..<5, using: &random) > 0 else {
      return reshaped(tensor, &random)
    }
    let place = Int.random(in: 0..<tensor.count, using: &random)
    switch tensor.dataType {
    case .int64:
      return Tensor(shape: tensor.shape, of: Int64.self) { values in
        for (index, value) in tensor.integers.enumerated() { values[index] = Int64(value) }
        values[place] = Int64(extreme(&random))
      }
    case .float32:
      return Tensor(shape: tensor.shape, of: Float.self) { values in
        for (index, value) in tensor.floats.enumerated() { values[index] = value }
        values[place] = Self.floats.randomElement(using: &random) ?? 0
      }
    default: return tensor
    }
  }

  /// The same kind of elements (zeros) under another shape: fewer or more axes, empty ones among them.
  private func reshaped(_ tensor: Tensor, _ random: inout SeededGenerator) -> Tensor {
    var dimensions = tensor.shape.dimensions
    switch Int.random(in: 0..<4, using: &random) {
    case 0: dimensions.append(Int.random(in: 0...3, using: &random))
    case 1 where !dimensions.isEmpty: dimensions.removeLast()
    case 2 where !dimensions.isEmpty:
      dimensions[Int.random(in: dimensions.indices, using: &random)] = Int.random(in: 0...5, using: &random)
    default: dimensions = [Int.random(in: 0...9, using: &random)]
    }
    return zeros(Shape(known: dimensions), tensor.dataType)
  }

  private func retyped(_ tensor: Tensor, _ random: inout SeededGenerator) -> Tensor {
    zeros(tensor.shape, DataType.allCases.randomElement(using: &random) ?? .bool)
  }

  private func zeros(_ shape: Shape, _ type: DataType) -> Tensor {
    let storage = TensorStorage(byteCount: shape.count * type.byteCount) { _ in }
    guard let tensor = try? Tensor(shape: shape, dataType: type, storage: storage) else {
      return counting(shape)
    }
    return tensor
  }
}
