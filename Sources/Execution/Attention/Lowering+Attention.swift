import GraphIR
import Kernels
import Operators
import TensorCore

extension Lowering {
  /// Adds the step of an attention; false where its operands do not lie as the kernel reads them.
  mutating func lower(_ group: AttentionGroup) throws -> Bool {
    let shape = try type(of: group.product).shape
    let batch = Array(shape.dimensions.dropLast(2))
    guard let q = try operand(group.query), let k = try operand(group.key), let v = try operand(group.value),
      q.view.columnStride == 1, k.view.rowStride == 1, v.view.columnStride == 1,
      batch.reduce(1, *) <= 1 << 16,
      let queries = q.view.offsets(over: batch), let keys = k.view.offsets(over: batch),
      let values = v.view.offsets(over: batch)
    else { return false }
    let target = StridedMatrix(try type(of: group.output).shape, permutation: group.inverse)
    guard let results = target.offsets(over: batch), target.columnStride == 1 else { return false }

    var visibility = Attention.Visibility.all
    var mask: (id: ValueID, heads: AttentionBody.Heads)?
    switch group.mask {
    case .none: break
    case .causal(let offset): visibility = .causal(offset: offset)
    case .constant(let tensor):
      let id = temporary(TensorType(.float32, tensor.shape), home: .constant(tensor))
      mask = (
        id, AttentionBody.Heads(offsets: Array(repeating: 0, count: queries.count), stride: k.view.columns)
      )
    case .added(let name):
      guard let heads = try maskHeads(name, over: batch, queries: q.view.rows) else { return false }
      mask = (try value(name, in: .plain), heads)
    }
    let attention = Attention(
      .softmax(scale: group.scale), visibility: visibility, depth: q.view.columns, valueDepth: v.view.columns,
      table: table)
    let body = AttentionBody(
      attention: attention, queries: q.view.rows, keys: k.view.columns,
      query: AttentionBody.Heads(offsets: queries, stride: q.view.rowStride),
      key: AttentionBody.Heads(offsets: keys, stride: k.view.columnStride),
      value: AttentionBody.Heads(offsets: values, stride: v.view.rowStride), mask: mask?.heads,
      result: AttentionBody.Heads(offsets: results, stride: target.rowStride))
    let inputs = [
      try value(q.name, in: .plain), try value(k.name, in: .plain), try value(v.name, in: .plain), mask?.id,
    ]
    var slicings = [
      Slicing(count: queries.count, inputStrides: [0, 0, 0, 0], outputStrides: [0]) { body.body(heads: $0) }
    ]
    let samples = batch.first ?? 1
    let isWhole = [q.view, k.view, v.view].allSatisfy {
      $0.shape.rank == shape.rank && $0.shape[0] == samples
    }
    let isShared = mask.map { Set($0.heads.offsets).count == 1 } ?? true
    var fewest: Int?
    if samples > 1, isWhole, isShared, group.inverse?.first ?? 0 == 0 {
      let heads = queries.count / samples
      let size = inputs.prefix(3).map { $0.map { program.values[$0].type.byteCount / samples } ?? 0 }
      slicings.append(
        Slicing(
          count: samples, inputStrides: size + [0],
          outputStrides: [try type(of: group.output).byteCount / samples], isSamples: true
        ) { body.body(heads: 0..<heads * $0.count) })
      fewest = 1
    }
    let nodes = group.nodes.map { graph.nodes[$0] }
    let id = define(group.output, as: .plain, home: .arena)
    let covered = nodes + q.nodes + k.nodes + v.nodes
    program.steps.append(
      Program.Step(
        title: "Attention", nodes: covered.map(\.name), kernel: .product(attention.identity),
        body: body.body(heads: queries.indices), inputs: inputs, outputs: [id], slicings: slicings,
        nanoseconds: body.nanoseconds, fewestSamples: fewest))
    return true
  }

  /// The rows of a mask that is added to the scores; one that is the same for all queries has rows 0 apart.
  private func maskHeads(_ name: String, over batch: [Int], queries: Int) throws -> AttentionBody.Heads? {
    let shape = try type(of: name).shape
    let padded = Shape(known: Array(repeating: 1, count: max(0, 2 - shape.rank)) + shape.dimensions)
    let view = StridedMatrix(padded)
    guard let offsets = view.offsets(over: batch), view.rows == queries || view.rows == 1 else { return nil }
    return AttentionBody.Heads(offsets: offsets, stride: view.rows == 1 ? 0 : view.rowStride)
  }

  /// A value as a product's operand: itself, or what a postponed transpose would read.
  func operand(_ name: String) throws -> (name: String, view: StridedMatrix, nodes: [Node])? {
    let type = try type(of: name)
    guard type.dataType == .float32, type.shape.rank >= 2 else { return nil }
    guard let node = postponedNode(name), node.kind == "Transpose", let source = node.input(0) else {
      return (name, StridedMatrix(type.shape), [])
    }
    let shape = try self.type(of: source).shape
    let permutation = node.ints("perm") ?? (0..<shape.rank).reversed()
    return (source, StridedMatrix(shape, permutation: permutation), [node])
  }
}
