import GraphIR
import Kernels
import Operators
import TensorCore

/// Rows of a constant table are unpacked as they are looked up: the table stays as it is stored.
struct TableRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["Gather"]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let name = node.input(0), let places = node.input(1), let output = node.outputs.first,
      let weight = lowering.graph.initializers[name],
      weight.shape.normalized(axis: node.int("axis") ?? 0) == 0,
      try lowering.type(of: output).dataType == .float32, let table = Self.table(weight)
    else { return false }
    let reader = try IndexReader(lowering.site(of: node), input: 1)
    let indices = try lowering.type(of: places).shape
    let samples = indices.count == 0 ? 1 : max(1, indices.dimensions.first ?? 1)
    let each = indices.count / samples
    let x = try lowering.value(places, in: .plain)
    lowering.emit(
      for: node, weightBytes: indices.count * table.rowBytes, inputs: [x], layout: .plain, samples: samples
    ) { samples in
      OperatorBody { arguments in
        guard let target = arguments.outputs[0], let indices = arguments.inputs[0] else { return }
        let floats = target.assumingMemoryBound(to: Float.self)
        for place in 0..<samples * each {
          let row = try reader.read(indices, place, limit: table.rows)
          table.unpack(row: row, into: floats + place * table.width)
        }
      }
    }
    return true
  }

  private static func table(_ weight: Weight) -> RowTable? {
    switch weight {
    case .quantized(let tensor): RowTable(tensor)
    case .dense(let tensor): RowTable(tensor)
    }
  }
}
