import GraphIR
import TensorCore

/// Turns weights that ONNX has no storage for into plain tensors and nodes; `WeightFolding` and `CodeFolding` turn them
/// back.
///
/// - A quantized weight becomes its codes and a `DequantizeLinear`, or a longer chain: see `CodeForm`.
/// - A 16-bit weight among float32 values becomes its data and a `Cast`.
/// - A table whose rows are looked up becomes its codes, and a Gather of it nodes that make values of rows: see
///   `TableLookup`. `TableFolding` turns those back.
struct WeightUnfolding {
  /// The operator set that the nodes are of: 4-bit types and blocks came with 21.
  let opset: Int
  var names: NameTable
  private(set) var notes: [String: String] = [:]
  /// What each weight was made of, for whoever checks it.
  private(set) var unfolded: [(weight: Weight, name: String, stored: StoredWeight)] = []

  /// The first operator set with 4-bit integers and with scales for blocks.
  static let packedOpset = 21

  init(opset: Int, names: NameTable) {
    self.opset = opset
    self.names = names
  }

  /// The graph and those nested in it, with plain tensors alone.
  /// - Throws: `TensorError` for a weight whose parts do not fit each other.
  mutating func graph(_ graph: Graph) throws -> Graph {
    var result = graph
    let widened = graph.storedHalves
    var leading: [Node] = []
    var lookups: [String: [Node]] = [:]
    let tables = TableReaders(graph)
    // Sorted, so that equal models are equal bytes.
    for (name, weight) in graph.initializers.sorted(by: { $0.key < $1.key }) {
      var stored = StoredWeight(name, names: names)
      let readers = tables.gathers(of: name)
      var table: (lookup: TableLookup, parts: TableParts)?
      switch weight {
      case .quantized(let tensor):
        if let lookup = readers.isEmpty ? nil : TableLookup(tensor) {
          if tables.isLookedUpOnly(name) {
            table = (lookup, try rows(tensor, name, lookup, &stored))
          } else if tensor.hasPlainScales, integerType(tensor) == .int8, lookup.storage == .bytes {
            table = (lookup, try plain(tensor, &stored))
          }
        }
        if table == nil { try quantized(tensor, name, &stored) }
      case .dense(let tensor) where widened.contains(name):
        if !readers.isEmpty, tables.isLookedUpOnly(name) {
          let data = stored.add(tensor, tensor.dataType.rawValue, note: StoredForm.widenedMark)
          table = (TableLookup(halves: tensor.shape), TableParts(codes: data))
        } else {
          half(tensor, &stored)
        }
      case .dense: continue
      }
      stored.finish()
      names = stored.names
      if let table {
        for gather in readers {
          let made = table.lookup.nodes(for: gather, table: name, table.parts, names: &names)
          lookups[gather.name] = made.nodes
          for constant in made.constants { result.initializers[constant.name] = .dense(constant.tensor) }
        }
      }
      result.initializers[name] = nil
      for (name, tensor) in stored.tensors { result.initializers[name] = .dense(tensor) }
      notes.merge(stored.notes) { _, new in new }
      leading += stored.nodes
      unfolded.append((weight, name, stored))
    }
    result.nodes = leading + graph.nodes.flatMap { lookups[$0.name] ?? [$0] }
    for index in result.nodes.indices.dropFirst(leading.count) {
      try result.nodes[index].mapBodies { try self.graph($0) }
    }
    return result
  }

  private func half(_ tensor: Tensor, _ stored: inout StoredWeight) {
    let name = stored.add(tensor, tensor.dataType.rawValue, note: StoredForm.widenedMark)
    stored.node("Cast", [name], ["to": .int(Int(ElementType.number(.float32)))])
  }

  private func quantized(_ tensor: QuantizedTensor, _ name: String, _ stored: inout StoredWeight) throws {
    if tensor.hasPlainScales {
      try plain(tensor, &stored)
      return
    }
    // A layer's outputs are the first axis, or the last of two.
    let isTransposed = tensor.axis == 1 && tensor.shape.rank == 2
    guard tensor.axis == nil || tensor.axis == 0 || isTransposed, tensor.shape.count > 0 else {
      return stored.add(tensor.dequantized(), named: name)
    }
    if tensor.format == .integer, opset >= WeightUnfolding.packedOpset {
      try blocks(tensor, name, isTransposed: isTransposed, &stored)
    } else {
      try rows(tensor, name, isTransposed: isTransposed, &stored)
    }
  }

  /// One scale per tensor or channel.
  @discardableResult
  private func plain(_ tensor: QuantizedTensor, _ stored: inout StoredWeight) throws -> TableParts {
    let listShape: Shape = tensor.axis == nil ? [] : Shape(known: [tensor.scales.count])
    let type = integerType(tensor)
    let note = tensor.bits == .int8 ? nil : StoredForm.bitsMark + tensor.bits.rawValue
    let codes = try stored.add(
      WeightUnfolding.integers(tensor.codes, tensor.shape, type), "codes", note: note)
    let scales = stored.add(WeightUnfolding.floats(tensor.scales, listShape), "scale")
    // ONNX lets zero points be left out where all are 0, but ONNX Runtime's fused QGemm wants one per scale.
    let zeros = WeightUnfolding.zeroPoints(tensor)
    let zeroPoints = try stored.add(WeightUnfolding.integers(zeros, listShape, type), "zero_point")
    stored.node(
      "DequantizeLinear", [codes, scales, zeroPoints], tensor.axis.map { ["axis": .int($0)] } ?? [:])
    return TableParts(codes: codes, scales: scales, zeroPoints: zeroPoints)
  }

  /// Codes by rows, for nodes that look rows up.
  private func rows(
    _ tensor: QuantizedTensor, _ name: String, _ lookup: TableLookup, _ stored: inout StoredWeight
  ) throws -> TableParts {
    let isPairs = lookup.storage == .pairs
    let listShape: Shape = tensor.axis == nil ? [] : Shape(known: [lookup.rows, lookup.groups])
    var parts = TableParts(codes: stored.fresh("codes"), scales: stored.fresh("scale"))
    // ONNX Runtime moves a DequantizeLinear with one scale behind what reads it, and forgets that codes are signed where no
    // zero point says so.
    let wantsZero = tensor.axis == nil && lookup.storage == .bytes && lookup.isInteger
    if !tensor.zeroPoints.isEmpty || wantsZero { parts.zeroPoints = stored.fresh("zero_point") }
    let form = CodeForm(
      tensor, layout: .lookup, scales: parts.scales, zeroPoints: parts.zeroPoints, value: name)
    let isSigned = !isPairs && lookup.isInteger
    try stored.add(
      WeightUnfolding.bytes(
        lookup.packed(tensor), Shape(known: [lookup.rows, lookup.stored]), isSigned ? .int8 : .uint8),
      named: parts.codes, note: form.text)
    stored.add(WeightUnfolding.floats(tensor.scales, listShape), named: parts.scales)
    if !parts.zeroPoints.isEmpty {
      let zeros = WeightUnfolding.zeroPoints(tensor)
      try stored.add(
        isPairs
          ? WeightUnfolding.bytes(zeros.map { UInt8(Int($0) + 8) }, listShape, .uint8)
          : WeightUnfolding.integers(zeros, listShape, .int8), named: parts.zeroPoints)
    }
    if !lookup.isInteger {
      let levels = tensor.format.levels.map { $0.isFinite ? $0 : 0 }
      parts.levels = stored.add(WeightUnfolding.floats(levels, Shape(known: [levels.count])), "levels")
    }
    return parts
  }

  /// Integers with a scale per group, as blocks along an axis of a matrix.
  private func blocks(
    _ tensor: QuantizedTensor, _ name: String, isTransposed: Bool, _ stored: inout StoredWeight
  ) throws {
    let (channels, length) = (tensor.channelCount, tensor.channelLength)
    let groups = tensor.groupsPerChannel
    let size = tensor.groupSize ?? length
    let matrix = isTransposed ? tensor.shape : Shape(known: [channels, length])
    let listShape = Shape(known: isTransposed ? [groups, channels] : [channels, groups])
    func turned<Value>(_ values: [Value]) -> [Value] {
      guard isTransposed else { return values }
      return (0..<groups).flatMap { group in (0..<channels).map { values[$0 * groups + group] } }
    }
    let type = integerType(tensor)
    let (codes, scales) = (stored.fresh("codes"), stored.fresh("scale"))
    let zeroPoints = tensor.zeroPoints.isEmpty ? "" : stored.fresh("zero_point")
    let form = CodeForm(tensor, layout: .blocks, scales: scales, zeroPoints: zeroPoints, value: name)
    try stored.add(WeightUnfolding.integers(tensor.codes, matrix, type), named: codes, note: form.text)
    stored.add(WeightUnfolding.floats(turned(tensor.scales), listShape), named: scales)
    if !zeroPoints.isEmpty {
      try stored.add(
        WeightUnfolding.integers(turned(WeightUnfolding.zeroPoints(tensor)), listShape, type),
        named: zeroPoints)
    }
    stored.node(
      "DequantizeLinear", [codes, scales] + (zeroPoints.isEmpty ? [] : [zeroPoints]),
      ["axis": .int(isTransposed ? 0 : 1), "block_size": .int(size)])
    if matrix != tensor.shape {
      stored.node("Reshape", [stored.value, stored.numbers(tensor.shape.dimensions)])
    }
  }

  /// Codes as rows of one group each.
  private func rows(
    _ tensor: QuantizedTensor, _ name: String, isTransposed: Bool, _ stored: inout StoredWeight
  ) throws {
    let (channels, length) = (tensor.channelCount, tensor.channelLength)
    let (groups, size) = CodeForm.layout(channels: channels, length: length, groupSize: tensor.groupSize)
    var rows = [Int8](repeating: 0, count: channels * groups * size)
    for index in tensor.codes.indices {
      let channel = isTransposed ? index % channels : index / length
      let place = isTransposed ? index / channels : index % length
      rows[channel * groups * size + place] = tensor.codes[index]
    }
    let isInteger = tensor.format == .integer
    let (codes, scales) = (stored.fresh("codes"), stored.fresh("scale"))
    let zeroPoints = isInteger ? stored.fresh("zero_point") : ""
    let form = CodeForm(tensor, layout: .rows, scales: scales, zeroPoints: zeroPoints, value: name)
    let (rowShape, listShape) = (
      Shape(known: [channels * groups, size]), Shape(known: [channels * groups])
    )
    stored.add(WeightUnfolding.floats(tensor.scales, listShape), named: scales)
    if isInteger {
      try stored.add(WeightUnfolding.integers(rows, rowShape, .int8), named: codes, note: form.text)
      try stored.add(
        WeightUnfolding.integers(WeightUnfolding.zeroPoints(tensor), listShape, .int8), named: zeroPoints)
      stored.node("DequantizeLinear", [codes, scales, zeroPoints], ["axis": .int(0)])
    } else {
      try levels(tensor, rows: rows, rowShape, codes: codes, scales: scales, note: form.text, &stored)
    }
    if groups * size > length {
      stored.node("Reshape", [stored.value, stored.numbers([channels, groups * size])])
      let bounds = [[0], [length], [1]].map { stored.numbers($0) }
      stored.node("Slice", [stored.value] + bounds)
    }
    if isTransposed {
      stored.node("Reshape", [stored.value, stored.numbers([channels, length])])
      stored.node("Transpose", [stored.value], ["perm": .ints([1, 0])])
    } else {
      stored.node("Reshape", [stored.value, stored.numbers(tensor.shape.dimensions)])
    }
  }

  /// Levels looked up by the code's bit pattern, times the scales.
  private func levels(
    _ tensor: QuantizedTensor, rows: [Int8], _ shape: Shape, codes: String, scales: String, note: String,
    _ stored: inout StoredWeight
  ) throws {
    let lowest = tensor.bits.codeRange.lowerBound
    let mask = tensor.bits.codeRange.count - 1
    let patterns = rows.map { UInt8(Int($0) & mask) }
    let isPacked = opset >= WeightUnfolding.packedOpset && mask < 16
    try stored.add(
      WeightUnfolding.bytes(patterns, shape, isPacked ? .uint4 : .uint8), named: codes, note: note)
    let levels = tensor.format.levels
    let byPattern = (0...mask).map { pattern in
      let level = levels[(pattern > mask / 2 ? pattern - mask - 1 : pattern) - lowest]
      // Patterns that no code has, infinities and NaN, would only alarm checks of the file.
      return level.isFinite ? level : 0
    }
    let table = stored.add(WeightUnfolding.floats(byPattern, Shape(known: [mask + 1])), "levels")
    stored.node("Cast", [codes], ["to": .int(Int(ElementType.number(.int32)))])
    stored.node("Gather", [table, stored.value], ["axis": .int(0)])
    let gathered = stored.value
    stored.node("Reshape", [scales, stored.numbers([shape[0], 1])])
    stored.node("Mul", [gathered, stored.value])
  }
}

// MARK: - Plain tensors

extension WeightUnfolding {
  /// Whether the codes and zero points of a weight are integers of at most 4 bits.
  static func isNarrow(_ tensor: QuantizedTensor) -> Bool {
    let range = tensor.bits.codeRange
    return range.lowerBound >= -8 && range.upperBound <= 7
      && tensor.zeroPoints.allSatisfy { (-8...7).contains($0) }
  }

  private func integerType(_ tensor: QuantizedTensor) -> DataType {
    opset >= WeightUnfolding.packedOpset && WeightUnfolding.isNarrow(tensor) ? .int4 : .int8
  }

  /// One per scale.
  private static func zeroPoints(_ tensor: QuantizedTensor) -> [Int8] {
    tensor.zeroPoints.isEmpty
      ? [Int8](repeating: 0, count: tensor.scales.count) : tensor.zeroPoints.map { Int8(clamping: $0) }
  }

  private static func integers(_ values: [Int8], _ shape: Shape, _ type: DataType) throws -> Tensor {
    try bytes(values.map { UInt8(bitPattern: $0) }, shape, type)
  }

  /// Elements of a type that takes a byte each in memory.
  private static func bytes(_ values: [UInt8], _ shape: Shape, _ type: DataType) throws -> Tensor {
    try Tensor(shape: shape, dataType: type, bytes: values)
  }

  private static func floats(_ values: [Float], _ shape: Shape) -> Tensor {
    Tensor(shape: shape, of: Float.self) { _ = $0.update(fromContentsOf: values) }
  }
}
