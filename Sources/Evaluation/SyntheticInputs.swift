import GraphIR
import TensorCore

/// Made-up samples for a model that comes without data: seeded, so that everyone gets the same, and made when they are
/// asked for, so that none is held.
///
/// Floats are standard normal; integers are ids below the rows of the table they look up (`Gather`), or 0 and 1 where
/// they look up none; booleans are 0 and 1; what is called a mask hides nothing, what is called a
/// sampling rate is 16 kHz. Open dimensions other than that of the
/// samples are 1, as plans bind them.
package struct SyntheticInputs: Sendable {
  private let inputs: [Input]

  private struct Input: Sendable {
    let name: String
    let type: DataType
    /// One sample, without the axis that counts them.
    let sample: Shape
    /// The axis along which samples are laid side by side; nil where a run takes one, or one holds for all.
    let axis: Int?
    let isShared: Bool
    let ids: Int
    /// The one value that its name asks for; nil for any.
    let told: Int?
    let seed: UInt64
  }

  /// - Throws: `EvaluationError.unknownInput` where an input declares no rank.
  package init(for graph: Graph, axes: SampleAxes, seed: UInt64) throws {
    var seeds = SeededGenerator(seed: seed)
    inputs = try graph.inputs.map { input in
      guard let dimensions = input.dimensions else { throw EvaluationError.unknownInput(name: input.name) }
      var sizes = dimensions.map { if case .fixed(let size) = $0 { size } else { 1 } }
      var axis: Int?
      if case .axis(let place) = axes[input.name], place < sizes.count {
        axis = place
        sizes.remove(at: place)
      }
      return Input(
        name: input.name, type: input.dataType, sample: try Shape(sizes), axis: axis,
        isShared: axes[input.name] == .shared || dimensions.isEmpty,
        ids: SyntheticInputs.tableRows(read: input.name, in: graph),
        told: SyntheticInputs.told(input.name), seed: seeds.next())
    }
  }

  /// Bytes of one sample.
  package var bytesPerSample: Int {
    inputs.reduce(0) { $0 + ($1.isShared ? 0 : $1.sample.count * $1.type.byteCount) }
  }

  /// How many samples to make of at most `wanted`: as many as together have 32 MB, but eight, so that an answer's spread
  /// can be told.
  static func fitted(_ wanted: Int, bytesPerSample: Int) -> Int {
    min(wanted, max(8, 32 << 20 / max(1, bytesPerSample)))
  }

  /// Samples `range` as one run takes them: the same whichever others are asked for with them.
  /// - Parameters:
  ///   - step: of samples that have `steps` of them, each with values of its own.
  ///   - zeros: inputs that are zero.
  package func samples(
    _ range: Range<Int>, step: Int = 0, of steps: Int = 1, zeros: Set<String> = []
  ) throws -> [String: Tensor] {
    var made: [String: Tensor] = [:]
    for input in inputs {
      let tensor = try SyntheticInputs.tensor(input, range.map { $0 * steps + step })
      made[input.name] = zeros.contains(input.name) ? try SyntheticInputs.zeros(tensor) : tensor
    }
    return made
  }

  private static func zeros(_ tensor: Tensor) throws -> Tensor {
    try Tensor(
      shape: tensor.shape, dataType: tensor.dataType,
      storage: TensorStorage(byteCount: tensor.byteCount) { _ in })
  }

  private static func tensor(_ input: Input, _ rows: [Int]) throws -> Tensor {
    switch input.type {
    case .float32: try floats(input, rows) { $0 }
    case .float64: try floats(input, rows) { Double($0) }
    case .float16: try floats(input, rows) { Float16($0) }
    // The upper half of a float32 is the bfloat16 nearest towards zero.
    case .bfloat16: raw(try floats(input, rows) { UInt16($0.bitPattern >> 16) }, as: .bfloat16)
    case .int8: try integers(input, rows, Int8.self)
    case .uint8: try integers(input, rows, UInt8.self)
    case .int16: try integers(input, rows, Int16.self)
    case .uint16: try integers(input, rows, UInt16.self)
    case .int32: try integers(input, rows, Int32.self)
    case .uint32: try integers(input, rows, UInt32.self)
    case .int64: try integers(input, rows, Int64.self)
    case .uint64: try integers(input, rows, UInt64.self)
    case .bool: raw(try integers(input, rows, UInt8.self, below: 2), as: .bool)
    case .int4, .uint4: raw(try integers(input, rows, UInt8.self, below: 8), as: input.type)
    case .int2, .uint2: raw(try integers(input, rows, UInt8.self, below: 2), as: input.type)
    // Codes below a quarter of the range are finite in every format.
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0:
      raw(try integers(input, rows, UInt8.self, below: 64), as: input.type)
    case .float4e2m1: raw(try integers(input, rows, UInt8.self, below: 8), as: input.type)
    // Zeros are empty texts.
    case .string: raw(try filled(input, rows) { (_: inout SeededGenerator) in UInt64(0) }, as: .string)
    }
  }

  private static func floats<Element: TensorElement>(
    _ input: Input, _ rows: [Int], _ convert: (Float) -> Element
  ) throws -> Tensor {
    try filled(input, rows) { generator in convert(input.told.map { Float($0) } ?? generator.normal()) }
  }

  private static func integers<Element: TensorElement & FixedWidthInteger>(
    _ input: Input, _ rows: [Int], _ type: Element.Type, below limit: Int = .max
  ) throws -> Tensor {
    let bound = UInt64(max(1, min(input.ids, limit, Int(clamping: Element.max))))
    return try filled(input, rows) { generator in
      input.told.map { Element(clamping: $0) } ?? Element(clamping: generator.next() % bound)
    }
  }

  /// Samples side by side along their axis, each from a generator of its own.
  private static func filled<Element: TensorElement>(
    _ input: Input, _ rows: [Int], _ element: (inout SeededGenerator) -> Element
  ) throws -> Tensor {
    let samples = input.axis == nil ? 1 : rows.count
    var dimensions = input.sample.dimensions
    if let axis = input.axis { dimensions.insert(samples, at: axis) }
    let inner = input.sample.dimensions[(input.axis ?? 0)...].reduce(1, *)
    return Tensor(shape: try Shape(dimensions), of: Element.self) { values in
      guard !values.isEmpty else { return }
      for sample in 0..<samples {
        let row = input.isShared ? 0 : rows[sample]
        var seeds = SeededGenerator(seed: input.seed ^ UInt64(row) &* 0xD134_2543_DE82_EF95)
        var generator = SeededGenerator(seed: seeds.next())
        for index in 0..<input.sample.count {
          values[(index / inner * samples + sample) * inner + index % inner] = element(&generator)
        }
      }
    }
  }

  /// What any other value would make an input of another kind.
  private static func told(_ name: String) -> Int? {
    let name = name.lowercased()
    if name.contains("mask") { return 1 }
    return ["sr", "sample_rate", "sampling_rate"].contains(name) ? 16_000 : nil
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
