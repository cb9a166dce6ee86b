import GraphIR
import TensorCore

/// Made-up samples for a model that comes without data: seeded, so that everyone gets the same.
package enum SyntheticInputs {
  /// One tensor per graph input, samples along the outermost axis; one value for all samples where it is a scalar.
  ///
  /// Floats are standard normal; integers are ids below the rows of the table they look up (`Gather`), or 0 and 1 where
  /// they look up none; booleans are 0 and 1. Open dimensions other than the first are 1, as plans bind them.
  /// - Throws: `EvaluationError.unknownInput` where an input declares no rank.
  package static func make(for graph: Graph, samples: Int, seed: UInt64) throws -> [String: Tensor] {
    var inputs: [String: Tensor] = [:]
    var generator = SeededGenerator(seed: seed)
    for input in graph.inputs {
      guard let dimensions = input.dimensions else {
        throw EvaluationError.unknownInput(name: input.name)
      }
      let sample = dimensions.dropFirst().map { dimension in
        if case .fixed(let size) = dimension { size } else { 1 }
      }
      let shape = try Shape((dimensions.isEmpty ? [] : [samples]) + sample)
      inputs[input.name] = tensor(
        input.dataType, shape, ids: tableRows(read: input.name, in: graph), &generator)
    }
    return inputs
  }

  private static func tensor(
    _ type: DataType, _ shape: Shape, ids: Int, _ generator: inout SeededGenerator
  ) -> Tensor {
    switch type {
    case .float32: floats(shape, &generator) { $0 }
    case .float64: floats(shape, &generator) { Double($0) }
    case .float16: floats(shape, &generator) { Float16($0) }
    // The upper half of a float32 is the bfloat16 nearest towards zero.
    case .bfloat16: raw(floats(shape, &generator) { UInt16($0.bitPattern >> 16) }, as: .bfloat16)
    case .int8: integers(shape, ids, Int8.self, &generator)
    case .uint8: integers(shape, ids, UInt8.self, &generator)
    case .int16: integers(shape, ids, Int16.self, &generator)
    case .uint16: integers(shape, ids, UInt16.self, &generator)
    case .int32: integers(shape, ids, Int32.self, &generator)
    case .uint32: integers(shape, ids, UInt32.self, &generator)
    case .int64: integers(shape, ids, Int64.self, &generator)
    case .uint64: integers(shape, ids, UInt64.self, &generator)
    case .bool: raw(integers(shape, 2, UInt8.self, &generator), as: .bool)
    case .int4, .uint4: raw(integers(shape, min(ids, 8), UInt8.self, &generator), as: type)
    case .int2, .uint2: raw(integers(shape, min(ids, 2), UInt8.self, &generator), as: type)
    // Codes below a quarter of the range are finite in every format.
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0:
      raw(integers(shape, 64, UInt8.self, &generator), as: type)
    case .float4e2m1: raw(integers(shape, 8, UInt8.self, &generator), as: type)
    // Zeros are empty texts.
    case .string: raw(Tensor(shape: shape, of: UInt64.self) { _ in }, as: .string)
    }
  }

  private static func floats<Element: TensorElement>(
    _ shape: Shape, _ generator: inout SeededGenerator, _ convert: (Float) -> Element
  ) -> Tensor {
    Tensor(shape: shape, of: Element.self) { values in
      for index in values.indices { values[index] = convert(generator.normal()) }
    }
  }

  private static func integers<Element: TensorElement & FixedWidthInteger>(
    _ shape: Shape, _ ids: Int, _ type: Element.Type, _ generator: inout SeededGenerator
  ) -> Tensor {
    Tensor(shape: shape, of: Element.self) { values in
      let bound = UInt64(max(1, min(ids, Int(clamping: Element.max))))
      for index in values.indices { values[index] = Element(clamping: generator.next() % bound) }
    }
  }

  /// The same bytes under another type of equal width.
  private static func raw(_ tensor: Tensor, as type: DataType) -> Tensor {
    (try? Tensor(shape: tensor.shape, dataType: type, storage: tensor.storage)) ?? tensor
  }

  /// Rows of the smallest table that the input indexes; 2 where it indexes none.
  private static func tableRows(read name: String, in graph: Graph) -> Int {
    let rows = graph.nodes.compactMap { node -> Int? in
      guard node.kind == "Gather", node.input(1) == name, let table = node.input(0),
        let shape = graph.initializers[table]?.shape, let axis = shape.normalized(axis: node.int("axis") ?? 0)
      else { return nil }
      return shape[axis]
    }
    return rows.min() ?? 2
  }
}
