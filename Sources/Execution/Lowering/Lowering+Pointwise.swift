import GraphIR
import Operators
import TensorCore

extension Lowering {
  /// Operators that treat each element, or the elements at one place, alike run in whatever layout their operands have.
  mutating func lower(_ node: Node, pointwise form: PointwiseForm) throws -> Bool {
    guard let output = node.outputs.first, node.outputs.count == 1, form.holds(at: try site(of: node)) else {
      return false
    }
    let type = try type(of: output)
    let names = node.inputs.enumerated().filter { place, name in
      form.reads(place) && !name.isEmpty && graph.initializers[name] == nil
    }.map(\.element)
    let layout = try names.map { try value($0).layout }.first { $0 != .plain } ?? .plain
    switch layout {
    case .plain: break
    case .channelsLast:
      guard try names.allSatisfy({ try self.type(of: $0).shape.rank == type.shape.rank }),
        type.shape.rank >= 3
      else { return false }
    case .flattened:
      // Only values of the same flattened shape and scalars agree on the order of columns.
      for (place, name) in node.inputs.enumerated() where form.reads(place) && !name.isEmpty {
        let shape = try self.type(of: name).shape
        guard shape.count == 1 || names.contains(name) && shape == type.shape else { return false }
      }
    }
    var inputs: [ValueID?] = []
    for (place, name) in node.inputs.enumerated() {
      if name.isEmpty {
        inputs.append(nil)
      } else if !form.reads(place) {
        inputs.append(try value(name, in: .plain))
      } else {
        inputs.append(try operand(name, in: layout, rank: type.shape.rank))
      }
    }
    let overwrites = inputs.indices.filter { index in
      guard form.reads(index), let id = inputs[index] else { return false }
      return program.values[id].type.byteCount == type.byteCount
        && program.values[id].type.dataType.byteCount == type.dataType.byteCount
    }
    try emit(node, inputs: inputs, layout: layout, overwrites: overwrites)
    return true
  }

  /// An operand in a layout. For channels last, a constant is permuted now, once its rank is brought up by leading ones;
  /// a flattened value's constants are single numbers.
  private mutating func operand(_ name: String, in layout: Layout, rank: Int) throws -> ValueID {
    guard let constant = constant(name) else { return try value(name, in: layout) }
    guard layout == .channelsLast, constant.count > 1 else { return try value(name, in: .plain) }
    let missing = max(0, rank - constant.shape.rank)
    let shape = try Shape(Array(repeating: 1, count: missing) + constant.shape.dimensions)
    let stored = try constant.reshaped(to: shape).channelsLast()
    return temporary(TensorType(stored.dataType, stored.shape), home: .constant(stored))
  }
}

extension Tensor {
  /// The elements of [N, C, spatial...] in the order [N, spatial..., C].
  func channelsLast() throws -> Tensor {
    let stored = Layout.channelsLast.stored(shape)
    guard shape.rank >= 3, count > 0 else { return try reshaped(to: stored) }
    let size = dataType.byteCount
    let (channels, area) = (shape[1], count / (shape[0] * shape[1]))
    let storage = TensorStorage(byteCount: byteCount) { target in
      for image in 0..<shape[0] {
        for channel in 0..<channels {
          for place in 0..<area {
            let from = ((image * channels + channel) * area + place) * size
            let to = ((image * area + place) * channels + channel) * size
            for byte in 0..<size { target[to + byte] = bytes[from + byte] }
          }
        }
      }
    }
    return try Tensor(shape: stored, dataType: dataType, storage: storage)
  }
}
