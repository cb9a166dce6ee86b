import Foundation
import GraphIR
import Operators
import TensorCore

/// Turns a graph of plain tensors, as `StoredModel` has it, into its stored form.
struct GraphEncoder {
  /// What is said of an initializer, by its name.
  let notes: [String: String]
  /// Texts for people about inputs and outputs of the model.
  let documentation: [String: String]
  /// Whether tensors that are mostly zeros are written as what is not zero.
  let hasSparse: Bool
  /// Where large tensors go; nil for inside the model.
  let external: ExternalDataWriter?

  /// - Throws: what writing external data throws.
  func graph(_ graph: Graph, isNested: Bool = false) throws -> ONNXGraphProto {
    var proto = ONNXGraphProto()
    proto.name = graph.name.isEmpty ? "graph" : graph.name
    proto.input = graph.inputs.map { value($0, isNested: isNested) }
    proto.output = graph.outputs.map { value($0, isNested: isNested) }
    // Sorted, so that equal models are equal bytes.
    for (name, weight) in graph.initializers.sorted(by: { $0.key < $1.key }) {
      // A note needs a tensor to stand on.
      if hasSparse, notes[name] == nil, let sparse = TensorEncoder.sparse(weight.tensor, name: name) {
        proto.sparseInitializer.append(sparse)
        continue
      }
      var stored = TensorEncoder.proto(weight.tensor, name: name)
      if let note = notes[name] { stored.docString = note }
      proto.initializer.append(try placed(stored))
    }
    proto.node = try graph.nodes.map { try node($0) }
    return proto
  }

  private func placed(_ tensor: ONNXTensorProto) throws -> ONNXTensorProto {
    var tensor = tensor
    try external?.move(&tensor)
    return tensor
  }

  private func node(_ node: Node) throws -> ONNXNodeProto {
    var proto = ONNXNodeProto()
    proto.name = node.name
    proto.opType = node.kind.type
    proto.domain = node.kind.domain
    proto.input = node.inputs
    proto.output = node.outputs
    for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
      proto.attribute.append(try self.attribute(attribute, name: name))
    }
    proto.metadataProps = node.metadata.sorted { $0.key < $1.key }.map { key, value in
      var entry = ONNXStringStringEntryProto()
      entry.key = key
      entry.value = value
      return entry
    }
    return proto
  }

  private func attribute(_ attribute: Attribute, name: String) throws -> ONNXAttributeProto {
    var proto = ONNXAttributeProto()
    proto.name = name
    switch attribute {
    case .int(let value): (proto.type, proto.i) = (.int, Int64(value))
    case .float(let value): (proto.type, proto.f) = (.float, value)
    case .string(let value): (proto.type, proto.s) = (.string, Data(value.utf8))
    case .tensor(let value):
      (proto.type, proto.t) = try (.tensor, placed(TensorEncoder.proto(value, name: "")))
    case .graph(let value): (proto.type, proto.g) = try (.graph, graph(value, isNested: true))
    case .ints(let values): (proto.type, proto.ints) = (.ints, values.map { Int64($0) })
    case .floats(let values): (proto.type, proto.floats) = (.floats, values)
    case .strings(let values): (proto.type, proto.strings) = (.strings, values.map { Data($0.utf8) })
    case .tensors(let values):
      (proto.type, proto.tensors) = try (
        .tensors, values.map { try placed(TensorEncoder.proto($0, name: "")) }
      )
    case .graphs(let values):
      (proto.type, proto.graphs) = try (.graphs, values.map { try graph($0, isNested: true) })
    case .type(let value): (proto.type, proto.tp) = (.typeProto, type(value))
    }
    return proto
  }

  private func value(_ info: ValueInfo, isNested: Bool) -> ONNXValueInfoProto {
    var proto = ONNXValueInfoProto()
    proto.name = info.name
    // A nested graph's values have the types of what they are fed and made of; only the model's own have to say it.
    if !isNested || info.isTyped { proto.type = type(info) }
    if !isNested, let text = documentation[info.name] { proto.docString = text }
    return proto
  }

  private func type(_ info: ValueInfo) -> ONNXTypeProto {
    var proto = ONNXTypeProto()
    proto.tensorType.elemType = ElementType.number(info.dataType)
    if let dimensions = info.dimensions {
      proto.tensorType.shape.dim = dimensions.map { dimension in
        var stored = ONNXTensorShapeProto.Dimension()
        switch dimension {
        case .fixed(let size): stored.dimValue = Int64(size)
        case .symbolic(let name): if !name.isEmpty { stored.dimParam = name }
        }
        return stored
      }
    }
    for wrapping in info.wrapping.reversed() {
      var outer = ONNXTypeProto()
      switch wrapping {
      case .sequence: outer.sequenceType.elemType = proto
      case .optional: outer.optionalType.elemType = proto
      }
      proto = outer
    }
    return proto
  }
}

enum TensorEncoder {
  /// Little-endian raw bytes, as ONNX stores them.
  static func proto(_ tensor: Tensor, name: String) -> ONNXTensorProto {
    var proto = ONNXTensorProto()
    proto.name = name
    proto.dims = tensor.shape.dimensions.map { Int64($0) }
    proto.dataType = ElementType.number(tensor.dataType)
    if tensor.dataType == .string {
      proto.stringData = tensor.strings.map { Data($0.utf8) }
      return proto
    }
    let width = tensor.dataType.storedBits
    proto.rawData = withExtendedLifetime(tensor.storage) {
      width < 8 ? Data(PackedElements.packed(tensor.bytes, width: width)) : Data(tensor.bytes)
    }
    return proto
  }

  /// The elements that are not zero, with their places in row-major order; nil where that takes no fewer bytes.
  static func sparse(_ tensor: Tensor, name: String) -> ONNXSparseTensorProto? {
    guard tensor.dataType == .float32, tensor.shape.rank > 0, tensor.count > 0 else { return nil }
    let values = tensor.floats
    // Negative zero is a zero that a product may tell from the other one.
    let places = values.indices.filter { values[$0].bitPattern != 0 }
    let (element, index) = (MemoryLayout<Float>.size, MemoryLayout<Int64>.size)
    guard !places.isEmpty, places.count * (element + index) < values.count * element else { return nil }
    let shape = Shape(known: [places.count])
    var proto = ONNXSparseTensorProto()
    proto.dims = tensor.shape.dimensions.map { Int64($0) }
    proto.values = self.proto(
      Tensor(shape: shape, of: Float.self) { _ = $0.update(fromContentsOf: places.map { values[$0] }) },
      name: name)
    proto.indices = self.proto(
      Tensor(shape: shape, of: Int64.self) { _ = $0.update(fromContentsOf: places.map { Int64($0) }) },
      name: "")
    return proto
  }
}
