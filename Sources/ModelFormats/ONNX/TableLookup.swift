import GraphIR
import TensorCore

/// How a file looks rows up in a table of codes or halves: the rows first, then their values, so that no runtime makes
/// floats of the whole table. `TableFolding` turns the nodes back into one Gather.
///
/// Codes of up to 4 bits lie in pairs in bytes, the first half of a row in the low bits, so that any operator set has
/// them: types of 4 bits cannot be gathered.
struct TableLookup {
  enum Storage: Equatable {
    case halves
    /// A byte a code.
    case bytes
    /// Two codes a byte.
    case pairs
  }

  let storage: Storage
  /// Of the table.
  let shape: Shape
  let groups: Int
  /// Elements that share a scale.
  let groupSize: Int
  let hasRowScales: Bool
  let isInteger: Bool

  /// Marks the nodes that together are one Gather: the table's name, and the Gather's.
  static let tableMark = "paretop.table"
  static let gatherMark = "paretop.gather"

  init(halves shape: Shape) {
    self.shape = shape
    (storage, groups, groupSize, hasRowScales, isInteger) = (.halves, 1, max(1, shape.count), false, false)
  }

  /// Nil for codes that cannot be looked up by rows.
  init?(_ tensor: QuantizedTensor) {
    guard tensor.shape.rank >= 2, tensor.shape.count > 0,
      tensor.axis == 0 || tensor.axis == nil && tensor.groupSize == nil
    else { return nil }
    shape = tensor.shape
    isInteger = tensor.format == .integer
    storage = WeightUnfolding.isNarrow(tensor) ? .pairs : .bytes
    groups = tensor.groupsPerChannel
    hasRowScales = tensor.axis == 0
    groupSize = tensor.groupSize ?? tensor.shape.count / tensor.shape[0]
  }

  var rows: Int { shape[0] }
  /// Elements of a row.
  var width: Int { shape.count / max(1, rows) }
  /// Elements of a row as groups hold them, the last filled up.
  var padded: Int { groups == 1 ? width : groups * groupSize }
  /// Bytes of a row.
  var stored: Int { storage == .pairs ? (padded + 1) / 2 : padded }

  /// Codes by rows as they are stored, offset by 8 where they lie in pairs; bit patterns of floats of 8 and 6 bits as
  /// they are.
  func packed(_ tensor: QuantizedTensor) -> [UInt8] {
    let base = storage == .pairs ? 8 : 0
    var bytes = [UInt8](repeating: storage == .pairs ? 0x88 : 0, count: rows * stored)
    let lowest = tensor.bits.codeRange.lowerBound
    for row in 0..<rows {
      for column in 0..<width {
        let code = Int(tensor.codes[row * width + column])
        if storage == .pairs {
          let isHigh = column >= stored
          let place = row * stored + (isHigh ? column - stored : column)
          let bits = UInt8(code + base)
          bytes[place] = isHigh ? bytes[place] & 0x0f | bits << 4 : bytes[place] & 0xf0 | bits
        } else {
          // Levels are found by what is left of a code's lowest.
          bytes[row * stored + column] = UInt8(truncatingIfNeeded: isInteger ? code : code - lowest)
        }
      }
    }
    return bytes
  }

  /// The codes of `packed` again, row-major [rows, width].
  func codes(_ bytes: [UInt8], lowest: Int) -> [Int] {
    (0..<rows * width).map { index in
      let (row, column) = (index / width, index % width)
      switch storage {
      case .pairs:
        let byte = bytes[row * stored + (column >= stored ? column - stored : column)]
        return Int(column >= stored ? byte >> 4 : byte & 0x0f) - 8
      case .bytes:
        let byte = bytes[row * stored + column]
        return isInteger ? Int(Int8(bitPattern: byte)) : Int(byte) + lowest
      case .halves: return 0
      }
    }
  }
}

/// The constants of a table by name.
struct TableParts {
  var codes: String
  var scales = ""
  /// Empty where there are none.
  var zeroPoints = ""
  /// Values that codes stand for, from the lowest; empty for integers.
  var levels = ""
}

extension TableLookup {
  /// The nodes that a Gather of rows becomes, in the order in which they run, and the constants that they read besides
  /// the table's; the last node has the Gather's name and output.
  func nodes(
    for gather: Node, table: String, _ parts: TableParts, names: inout NameTable
  ) -> (nodes: [Node], constants: [(name: String, tensor: Tensor)]) {
    var chain = LookupChain(stem: gather.name, names: names)
    let places = gather.inputs[1]
    if storage == .halves {
      let rows = chain.add("Gather", [parts.codes, places], ["axis": .int(0)])
      _ = chain.cast(rows, to: .float32)
      return chain.finished(gather, table: table, &names)
    }
    let flat = chain.reshape(places, [-1])
    var value = chain.add("Gather", [parts.codes, flat], ["axis": .int(0)])
    if storage == .pairs { value = unpacked(value, &chain) }
    if groups > 1 { value = chain.reshape(value, [-1, groupSize]) }
    value = scaled(value, parts, flat, &chain)
    if groups > 1 {
      value = chain.reshape(value, [-1, padded])
      if padded > width { value = chain.prefix(value, width) }
    }
    let sizes = chain.add("Shape", [places])
    let rest = chain.integers(Array(shape.dimensions.dropFirst()))
    let dimensions = chain.add("Concat", [sizes, rest], ["axis": .int(0)])
    _ = chain.add("Reshape", [value, dimensions])
    return chain.finished(gather, table: table, &names)
  }

  /// Two codes of each byte, as floats.
  private func unpacked(_ bytes: String, _ chain: inout LookupChain) -> String {
    let both = chain.cast(bytes, to: .float32)
    let share = chain.add("Mul", [both, chain.float(1.0 / 16)])
    let high = chain.add("Floor", [share])
    let carried = chain.add("Mul", [high, chain.float(16)])
    let low = chain.add("Sub", [both, carried])
    let value = chain.add("Concat", [low, high], ["axis": .int(1)])
    return 2 * stored > padded ? chain.prefix(value, padded) : value
  }

  /// What codes [rows and groups, elements] stand for.
  private func scaled(_ codes: String, _ parts: TableParts, _ flat: String, _ chain: inout LookupChain)
    -> String
  {
    func perRow(_ name: String, _ shape: [Int], _ chain: inout LookupChain) -> String {
      guard hasRowScales else { return name }
      let rows = chain.add("Gather", [name, flat], ["axis": .int(0)])
      return chain.reshape(rows, shape)
    }
    if storage == .bytes, isInteger {
      var inputs = [codes, perRow(parts.scales, [-1], &chain)]
      if !parts.zeroPoints.isEmpty { inputs.append(perRow(parts.zeroPoints, [-1], &chain)) }
      return chain.add("DequantizeLinear", inputs, hasRowScales ? ["axis": .int(0)] : [:])
    }
    var value = codes
    if !isInteger {
      let places = chain.cast(value, to: .int32)
      value = chain.add("Gather", [parts.levels, places], ["axis": .int(0)])
    } else if parts.zeroPoints.isEmpty {
      value = chain.add("Sub", [value, chain.float(8)])
    } else {
      let zeros = perRow(parts.zeroPoints, [-1, 1], &chain)
      value = chain.add("Sub", [value, chain.cast(zeros, to: .float32)])
    }
    let scales = perRow(parts.scales, [-1, 1], &chain)
    return chain.add("Mul", [value, scales])
  }
}

/// Nodes one behind the other, named after the Gather that they stand for.
private struct LookupChain {
  let stem: String
  private var names: NameTable
  private var nodes: [Node] = []
  private var constants: [(name: String, tensor: Tensor)] = []

  init(stem: String, names: NameTable) {
    self.stem = stem
    self.names = names
  }

  mutating func add(
    _ kind: OperatorKind, _ inputs: [String], _ attributes: [String: Attribute] = [:]
  ) -> String {
    let name = names.fresh("\(stem)/\(kind.type)")
    nodes.append(Node(name: name, kind: kind, inputs: inputs, outputs: [name], attributes: attributes))
    return name
  }

  mutating func cast(_ value: String, to type: DataType) -> String {
    add("Cast", [value], ["to": .int(Int(ElementType.number(type)))])
  }

  mutating func reshape(_ value: String, _ shape: [Int]) -> String {
    add("Reshape", [value, integers(shape)])
  }

  /// The first columns of a matrix.
  mutating func prefix(_ value: String, _ count: Int) -> String {
    let bounds = [[0], [count], [1]].map { integers($0) }
    return add("Slice", [value] + bounds)
  }

  mutating func integers(_ values: [Int]) -> String {
    constant(
      Tensor(shape: Shape(known: [values.count]), of: Int64.self) {
        _ = $0.update(fromContentsOf: values.map(Int64.init))
      })
  }

  mutating func float(_ value: Float) -> String { constant(Tensor(scalar: value)) }

  private mutating func constant(_ tensor: Tensor) -> String {
    let name = names.fresh("\(stem)/number")
    constants.append((name, tensor))
    return name
  }

  func finished(
    _ gather: Node, table: String, _ names: inout NameTable
  ) -> (nodes: [Node], constants: [(name: String, tensor: Tensor)]) {
    names = self.names
    var nodes = nodes
    for index in nodes.indices {
      nodes[index].metadata = gather.metadata
      nodes[index].metadata[TableLookup.tableMark] = table
      nodes[index].metadata[TableLookup.gatherMark] = gather.name
    }
    if let last = nodes.indices.last {
      nodes[last].name = gather.name
      nodes[last].outputs = gather.outputs
    }
    return (nodes, constants)
  }
}
