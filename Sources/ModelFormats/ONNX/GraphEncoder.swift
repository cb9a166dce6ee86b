import Foundation
import GraphIR
import TensorCore

/// Turns a graph into its stored form; weights that ONNX has no storage for become constants and nodes.
struct GraphEncoder {
  let opset: Int
  var names: NameTable
  /// Where large tensors go; nil for inside the model.
  let external: ExternalDataWriter?

  /// - Throws: what writing external data throws.
  mutating func graph(_ graph: Graph) throws -> ONNXGraphProto {
    var proto = ONNXGraphProto()
    proto.name = graph.name.isEmpty ? "graph" : graph.name
    proto.input = graph.inputs.map(value)
    proto.output = graph.outputs.map(value)

    let widened = graph.storedHalves
    var leading: [Node] = []
    // Sorted, so that equal models are equal bytes.
    for (name, weight) in graph.initializers.sorted(by: { $0.key < $1.key }) {
      switch weight {
      case .quantized(let tensor) where !tensor.hasPlainScales:
        leading += try addCodes(tensor, name: name, to: &proto)
      case .quantized(let tensor):
        leading.append(try addQuantized(tensor, name: name, to: &proto))
      case .dense(let tensor) where widened.contains(name):
        leading.append(try addWidened(tensor, name: name, to: &proto))
      case .dense(let tensor):
        try add(TensorEncoder.proto(tensor, name: name), to: &proto)
      }
    }
    proto.node = try (leading + graph.nodes).map { try node($0) }
    return proto
  }

  func add(_ tensor: ONNXTensorProto, to proto: inout ONNXGraphProto) throws {
    proto.initializer.append(try placed(tensor))
  }

  private func placed(_ tensor: ONNXTensorProto) throws -> ONNXTensorProto {
    var tensor = tensor
    try external?.move(&tensor)
    return tensor
  }

  private mutating func addQuantized(
    _ tensor: QuantizedTensor, name: String, to proto: inout ONNXGraphProto
  ) throws -> Node {
    let codesName = names.fresh(name + "_codes")
    let scaleName = names.fresh(name + "_scale")
    let listShape: Shape = tensor.axis == nil ? [] : Shape(known: [tensor.scales.count])
    let isPacked =
      opset >= 21 && tensor.bits.codeRange.lowerBound >= -8 && tensor.bits.codeRange.upperBound <= 7
      && tensor.zeroPoints.allSatisfy { (-8...7).contains($0) }
    func codes(_ values: [Int8], _ shape: Shape, _ name: String) -> ONNXTensorProto {
      isPacked
        ? TensorEncoder.packed(values, shape: shape, name: name)
        : TensorEncoder.proto(
          Tensor(shape: shape, of: Int8.self) { _ = $0.update(fromContentsOf: values) }, name: name)
    }

    var stored = codes(tensor.codes, tensor.shape, codesName)
    if tensor.bits != .int8 { stored.docString = StoredForm.bitsMark + tensor.bits.rawValue }
    let scales = Tensor(shape: listShape, of: Float.self) { _ = $0.update(fromContentsOf: tensor.scales) }
    try add(stored, to: &proto)
    try add(TensorEncoder.proto(scales, name: scaleName), to: &proto)
    let zeroName = names.fresh(name + "_zero_point")
    // ONNX lets zero points be left out where all are 0, but ONNX Runtime's fused QGemm wants one per scale.
    let zeroPoints =
      tensor.zeroPoints.isEmpty
      ? [Int8](repeating: 0, count: tensor.scales.count) : tensor.zeroPoints.map { Int8(clamping: $0) }
    try add(codes(zeroPoints, listShape, zeroName), to: &proto)
    return Node(
      name: names.fresh(name + "_dequantize"), kind: "DequantizeLinear",
      inputs: [codesName, scaleName, zeroName], outputs: [name],
      attributes: tensor.axis.map { ["axis": .int($0)] } ?? [:])
  }

  private mutating func addWidened(
    _ tensor: Tensor, name: String, to proto: inout ONNXGraphProto
  ) throws -> Node {
    let halfName = names.fresh("\(name)_\(tensor.dataType.rawValue)")
    var stored = TensorEncoder.proto(tensor, name: halfName)
    stored.docString = StoredForm.widenedMark
    try add(stored, to: &proto)
    return Node(
      name: names.fresh(name + "_widen"), kind: "Cast", inputs: [halfName], outputs: [name],
      attributes: ["to": .int(Int(ElementType.number(.float32)))])
  }

  private mutating func node(_ node: Node) throws -> ONNXNodeProto {
    var proto = ONNXNodeProto()
    proto.name = node.name
    proto.opType = node.kind.type
    proto.domain = node.kind.domain
    proto.input = node.inputs
    proto.output = node.outputs
    for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
      proto.attribute.append(try self.attribute(attribute, name: name))
    }
    return proto
  }

  private mutating func attribute(_ attribute: Attribute, name: String) throws -> ONNXAttributeProto {
    var proto = ONNXAttributeProto()
    proto.name = name
    switch attribute {
    case .int(let value): (proto.type, proto.i) = (.int, Int64(value))
    case .float(let value): (proto.type, proto.f) = (.float, value)
    case .string(let value): (proto.type, proto.s) = (.string, Data(value.utf8))
    case .tensor(let value):
      (proto.type, proto.t) = try (.tensor, placed(TensorEncoder.proto(value, name: "")))
    case .graph(let value): (proto.type, proto.g) = try (.graph, graph(value))
    case .ints(let values): (proto.type, proto.ints) = (.ints, values.map { Int64($0) })
    case .floats(let values): (proto.type, proto.floats) = (.floats, values)
    case .strings(let values): (proto.type, proto.strings) = (.strings, values.map { Data($0.utf8) })
    case .tensors(let values):
      (proto.type, proto.tensors) = try (
        .tensors, values.map { try placed(TensorEncoder.proto($0, name: "")) }
      )
    case .graphs(let values): (proto.type, proto.graphs) = try (.graphs, values.map { try graph($0) })
    case .type(let value): (proto.type, proto.tp) = (.typeProto, type(value))
    }
    return proto
  }

  private func value(_ info: ValueInfo) -> ONNXValueInfoProto {
    var proto = ONNXValueInfoProto()
    proto.name = info.name
    proto.type = type(info)
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

  /// Two 4-bit codes per byte, the first in the low half.
  static func packed(_ codes: [Int8], shape: Shape, name: String) -> ONNXTensorProto {
    var proto = ONNXTensorProto()
    proto.name = name
    proto.dims = shape.dimensions.map { Int64($0) }
    proto.dataType = ElementType.number(.int4)
    proto.rawData = codes.withUnsafeBytes { Data(PackedElements.packed($0, width: 4)) }
    return proto
  }
}
