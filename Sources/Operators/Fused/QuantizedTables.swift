import GraphIR
import TensorCore

extension Composition {
  /// Pairs of codes of 4 bits, one behind the other along the last axis.
  mutating func unpacked(_ bytes: Value, highFirst: Bool = false) throws -> Value {
    let shape = try type(of: bytes).shape
    guard shape.rank >= 1 else { throw site.inputError(0, expected: "codes in rows, as its zero points") }
    let low = try add("BitwiseAnd", [bytes, Composition.scalar(UInt8(15))])
    let high = try add("BitShift", [bytes, Composition.scalar(UInt8(4))], ["direction": .string("RIGHT")])
    let axis = try Composition.integers([shape.rank])
    let pair = try [highFirst ? high : low, highFirst ? low : high].map { try add("Unsqueeze", [$0, axis]) }
    let both = try add("Concat", pair, ["axis": .int(shape.rank)])
    var dimensions = shape.dimensions
    dimensions[shape.rank - 1] *= 2
    return try add("Reshape", [both, try Composition.integers(dimensions)], ["allowzero": .int(1)])
  }

  /// The first `count` along the last axis.
  mutating func prefix(_ value: Value, _ count: Int) throws -> Value {
    let shape = try type(of: value).shape
    guard shape[shape.rank - 1] != count else { return value }
    return try add(
      "Slice",
      [
        value, try Composition.integers([0]), try Composition.integers([count]),
        try Composition.integers([shape.rank - 1]),
      ])
  }
}

/// GatherBlockQuantized of ONNX Runtime: rows of a table of 4-bit or 8-bit codes, with a scale (and zero point) per block
/// along an axis.
///
/// Inputs: table (uint4, int4, or uint8 that holds codes of 8 bits or pairs of 4), places, scales, zero points.
struct GatherBlockQuantizedOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("GatherBlockQuantized")]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .opaque("its values are codes with scales of their own", promises: .looksUp)
  }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    let stored = try site.input(0, of: [.uint8, .uint4, .int4])
    let rank = stored.shape.rank
    guard rank >= 1 else { throw site.inputError(0, expected: "of rank 1 or more") }
    let gather = try site.axis(try site.int("gather_axis", default: 0), rank: rank, name: "gather_axis")
    let axis = try site.axis(try site.int("quantize_axis", default: 1), rank: rank, name: "quantize_axis")
    let block = try site.int("block_size", default: 128)
    let bits = try site.int("bits", default: 4)
    guard bits == 4 || bits == 8 && stored.dataType == .uint8 else {
      throw site.attributeError("bits", expected: "4, or 8 for uint8", found: "\(bits)")
    }
    let isPacked = stored.dataType == .uint8 && bits == 4
    guard gather != axis, !isPacked || axis == rank - 1 else {
      throw site.attributeError(
        "quantize_axis", expected: "the last axis, and not the axis to gather from", found: "\(axis)")
    }
    // What is not wanted is never dequantized.
    let places = try steps.required(1)
    func rows(_ value: Composition.Value) throws -> Composition.Value {
      try steps.add("Gather", [value, places], ["axis": .int(gather)])
    }
    var codes = try rows(try steps.required(0))
    let scales = try rows(try steps.required(2))
    var zeros = try steps.input(3).map { try rows($0) }
    if isPacked {
      codes = try steps.unpacked(codes)
      let blocks = try steps.type(of: scales).shape.dimensions.last ?? 0
      zeros = try zeros.map { try steps.prefix(try steps.unpacked($0), blocks) }
    }
    if zeros == nil, stored.dataType != .int4 {
      let middle = try Tensor(
        shape: try steps.type(of: scales).shape,
        [UInt8](repeating: UInt8(1 << (bits - 1)), count: steps.type(of: scales).shape.count))
      if stored.dataType == .uint8 {
        zeros = .constant(middle)
      } else {
        zeros = try steps.add("Cast", [.constant(middle)], ["to": .int(DataType.uint4.onnxCode)])
      }
    }
    let moved = axis > gather ? axis + (try site.input(1).shape.rank) - 1 : axis
    return [
      try steps.add(
        "DequantizeLinear", [codes, scales, zeros], ["axis": .int(moved), "block_size": .int(block)])
    ]
  }
}

/// MatMulBnb4 of ONNX Runtime: A [..., K] times codes of a table of 16 numbers [N, K], packed high bits first, with a scale
/// per block of the whole (Dettmers et al. 2023, arXiv:2305.14314).
///
/// `quant_type` 0 is a 4-bit float, 1 the quantiles of a normal distribution.
struct MatMulBnb4Operator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("MatMulBnb4")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.uncounted("no count")) }

  private static let tables: [[Float]] = [
    [
      0, 0.005208333, 2 / 3, 1, 1 / 3, 0.5, 1 / 6, 0.25, -0.0, -0.005208333, -2 / 3, -1, -1 / 3, -0.5,
      -1 / 6, -0.25,
    ],
    [
      -1, -0.6961928, -0.52507305, -0.3949175, -0.28444138, -0.18477343, -0.09105004, 0, 0.0795803,
      0.1609302, 0.2461123, 0.33791524, 0.44070983, 0.562617, 0.72295684, 1,
    ],
  ]

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    let (n, k) = (try site.int("N", default: 0), try site.int("K", default: 0))
    let block = try site.int("block_size", default: 0)
    let table = try site.int("quant_type", default: 0)
    let limit = OperatorSite.magnitudeLimit
    guard (1...limit).contains(n), (1...limit).contains(k), (16...limit).contains(block),
      (0...1).contains(table),
      try site.flag("transB", default: true)
    else {
      throw site.attributeError(
        "block_size", expected: "positive K and N, a block of at least 16, quant_type 0 or 1",
        found: "K \(k), N \(n), block_size \(block), quant_type \(table)")
    }
    let count = try site.shape([n, k]).count
    let blocks = (count + block - 1) / block
    let bytes = try site.input(1, of: [.uint8]).shape.count
    guard bytes == (count + 1) / 2 else { throw site.inputError(1, expected: "of \((count + 1) / 2) bytes") }
    guard try site.input(2).shape.count == blocks else {
      throw site.inputError(2, expected: "of \(blocks) scales")
    }
    let flat = try steps.add("Reshape", [try steps.required(1), try Composition.integers([bytes])])
    let codes = try steps.prefix(try steps.unpacked(flat, highFirst: true), count)
    let numbers = Composition.Value.constant(try Tensor(shape: [16], Self.tables[table]))
    let places = try steps.add("Cast", [codes], ["to": .int(DataType.int64.onnxCode)])
    let values = try steps.add("Gather", [numbers, places])
    // Every number gets its block's scale.
    let column = try steps.add("Reshape", [try steps.required(2), try Composition.integers([blocks, 1])])
    let wide = try steps.add("Expand", [column, try Composition.integers([blocks, block])])
    let all = try steps.add("Reshape", [wide, try Composition.integers([blocks * block])])
    let scaled = try steps.add("Mul", [values, try steps.prefix(all, count)])
    let matrix = try steps.add("Reshape", [scaled, try Composition.integers([n, k])])
    return [
      try steps.add("MatMul", [try steps.required(0), try steps.add("Transpose", [matrix])])
    ]
  }
}

/// QEmbedLayerNormalization of ONNX Runtime: EmbedLayerNormalization of tables that hold codes, one scale and zero point
/// each.
struct QEmbedLayerNormalizationOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("QEmbedLayerNormalization")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    // Word, position and segment tables, scale and bias stand at 2...6, their scales from 8, their zero points from 13.
    var inputs: [Composition.Value?] = [try steps.required(0), steps.input(1)]
    for index in 2...6 {
      inputs.append(
        try steps.input(index).map {
          try steps.dequantized($0, scale: try steps.required(index + 6), zero: steps.input(index + 11))
        })
    }
    inputs.append(steps.input(7))
    let results = try steps.add(
      .runtime("EmbedLayerNormalization"), inputs, steps.site.node.attributes, outputs: 2)
    return [results[0], results[1]]
  }
}
