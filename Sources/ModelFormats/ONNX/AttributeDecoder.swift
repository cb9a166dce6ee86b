import GraphIR
import TensorCore

/// Turns a node's stored attributes into values.
struct AttributeDecoder {
  let graphs: GraphDecoder
  let node: String
  let kind: OperatorKind
  /// Names defined by the graph that holds the node and those around it.
  let scopes: [Set<String>]

  /// Sparse tensors are filled in with their zeros.
  /// - Throws: `FormatError.invalidNode` for a kind of attribute that no operator has.
  func attribute(_ proto: ONNXAttributeProto) throws -> Attribute {
    let label = "\(node).\(proto.name)"
    let tensors = graphs.tensors
    switch proto.type {
    case .float: return .float(proto.f)
    case .int: return .int(Int(proto.i))
    case .string: return .string(String(decoding: proto.s, as: UTF8.self))
    case .tensor: return .tensor(try tensors.tensor(proto.t, label: label))
    case .graph: return .graph(try graphs.graph(proto.g, outer: scopes))
    case .floats: return .floats(proto.floats)
    case .ints: return .ints(proto.ints.map { Int($0) })
    case .strings: return .strings(proto.strings.map { String(decoding: $0, as: UTF8.self) })
    case .tensors: return .tensors(try proto.tensors.map { try tensors.tensor($0, label: label) })
    case .graphs: return .graphs(try proto.graphs.map { try graphs.graph($0, outer: scopes) })
    case .sparseTensor: return .tensor(try tensors.tensor(proto.sparseTensor, label: label))
    case .sparseTensors: return .tensors(try proto.sparseTensors.map { try tensors.tensor($0, label: label) })
    case .typeProto: return .type(try TypeDecoder(file: graphs.file).value(proto.tp, name: ""))
    case .undefined, .typeProtos, .UNRECOGNIZED:
      throw FormatError.invalidNode(
        file: graphs.file, node: node, kind: kind.description,
        expected: "attributes that are numbers, strings, tensors, types or graphs",
        found: "\(proto.name) of another kind (\(proto.type.rawValue))")
    }
  }
}
