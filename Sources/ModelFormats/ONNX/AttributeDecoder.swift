import GraphIR
import TensorCore

/// Turns a node's stored attributes into values.
struct AttributeDecoder {
  let graphs: GraphDecoder
  let node: String
  let kind: OperatorKind
  /// Names defined by the graph that holds the node and those around it.
  let scopes: [Set<String>]

  /// A constant's sparse value has no place among attributes; it is read straight into an initializer.
  func isSparseConstant(_ proto: ONNXAttributeProto) -> Bool {
    kind == "Constant" && proto.name == "sparse_value" && proto.type == .sparseTensor
  }

  /// - Throws: `FormatError.invalidNode` for a kind of attribute that no supported operator has.
  func attribute(_ proto: ONNXAttributeProto) throws -> Attribute {
    switch proto.type {
    case .float: return .float(proto.f)
    case .int: return .int(Int(proto.i))
    case .string: return .string(String(decoding: proto.s, as: UTF8.self))
    case .tensor: return .tensor(try graphs.tensors.tensor(proto.t, label: "\(node).\(proto.name)"))
    case .graph: return .graph(try graphs.graph(proto.g, outer: scopes))
    case .floats: return .floats(proto.floats)
    case .ints: return .ints(proto.ints.map { Int($0) })
    case .strings: return .strings(proto.strings.map { String(decoding: $0, as: UTF8.self) })
    case .undefined, .tensors, .graphs, .sparseTensor, .sparseTensors, .UNRECOGNIZED:
      throw FormatError.invalidNode(
        file: graphs.file, node: node, kind: kind.description,
        expected: "attributes that are numbers, strings, tensors or graphs",
        found: "\(proto.name) of another kind (\(proto.type.rawValue))")
    }
  }
}
