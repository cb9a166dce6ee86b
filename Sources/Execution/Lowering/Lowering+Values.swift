import GraphIR
import Kernels
import Operators
import TensorCore

/// Values in the layouts that steps want them in.
extension Lowering {
  func type(of name: String) throws -> TensorType {
    guard let type = types[name] else {
      throw GraphError.undefinedValue(name: name, node: "the plan")
    }
    return type
  }

  /// The value of an initializer as its readers see it.
  func constant(_ name: String?) -> Tensor? {
    guard let name, let tensor = graph.initializers[name]?.tensor else { return nil }
    guard types[name]?.dataType == .float32, tensor.dataType != .float32 else { return tensor }
    return try? Tensor(shape: tensor.shape, tensor.floats)
  }

  /// The layout the value was produced in; plain for constants and values that do not exist yet.
  func layout(of name: String) -> Layout { places[name]?.first?.layout ?? .plain }

  /// The value in the layout its producer wrote.
  mutating func value(_ name: String) throws -> (id: ValueID, layout: Layout) {
    if let place = places[name]?.first { return (place.id, place.layout) }
    return (try value(name, in: .plain), .plain)
  }

  /// The value in `layout`, converted where it does not exist so yet.
  mutating func value(_ name: String, in layout: Layout) throws -> ValueID {
    if let place = places[name]?.first(where: { $0.layout == layout }) { return place.id }
    if let tensor = constant(name) {
      return define(
        name, as: .plain, home: .constant(tensor), type: TensorType(tensor.dataType, tensor.shape))
    }
    if let node = postponed.removeValue(forKey: name) { try lowerEagerly(node) }
    guard let source = places[name]?.first else {
      throw GraphError.undefinedValue(name: name, node: "the plan")
    }
    if source.layout == layout { return source.id }
    return try convert(name, from: source, to: layout)
  }

  private mutating func lowerEagerly(_ node: Node) throws {
    if try !lowerByRule(node) { try emitPlain(node) }
  }

  @discardableResult
  mutating func define(_ name: String, as layout: Layout, home: Program.Home, type: TensorType? = nil)
    -> ValueID
  {
    let logical = type ?? types[name] ?? TensorType(.float32, [])
    let stored = TensorType(logical.dataType, layout.stored(logical.shape))
    program.values.append(Program.Value(name: name, type: stored, home: home))
    places[name, default: []].append((layout, program.values.count - 1))
    return program.values.count - 1
  }

  /// A value that no graph value stands for.
  mutating func temporary(_ type: TensorType, home: Program.Home = .arena) -> ValueID {
    program.values.append(Program.Value(name: "", type: type, home: home))
    return program.values.count - 1
  }

  private mutating func convert(
    _ name: String, from source: (layout: Layout, id: ValueID), to layout: Layout
  ) throws -> ValueID {
    let logical = try type(of: name)
    if source.layout.isPlain(for: logical.shape) && layout.isPlain(for: logical.shape) {
      return define(name, as: layout, home: .alias(source.id))
    }
    guard source.layout == .plain || layout == .plain else {
      // Between two unlike layouts by way of the plain one.
      _ = try value(name, in: .plain)
      guard let plain = places[name]?.first(where: { $0.layout == .plain }) else {
        throw GraphError.undefinedValue(name: name, node: "the plan")
      }
      return try convert(name, from: plain, to: layout)
    }
    let channels: Int
    switch (source.layout, layout) {
    case (.flattened(let count, _), _), (_, .flattened(let count, _)): channels = count
    default: channels = logical.shape[1]
    }
    let batch = logical.shape[0]
    let area = logical.shape.count / (batch * channels)
    let (rows, columns) = source.layout == .plain ? (channels, area) : (area, channels)
    let id = define(name, as: layout, home: .arena)
    let bytes = logical.dataType.byteCount
    let vector = table.vector
    let body = { @Sendable (batch: Int) in
      BatchTranspose(batch: batch, rows: rows, columns: columns, elementBytes: bytes).body(vector)
    }
    program.steps.append(
      Program.Step(
        title: "Transpose", nodes: [], kernel: .transpose, body: body(batch), inputs: [source.id],
        outputs: [id],
        slicings: [samples(batch, inputs: [source.id], outputs: [id], make: body)],
        nanoseconds: copyNanoseconds([source.id, id]), fewestSamples: 1))
    return id
  }
}
