import TensorCore

/// What a file says about an initializer beyond its values.
struct StoredForm {
  /// The code width of the codes of a quantized weight, where it is narrower than the stored type.
  var bits: WeightBits?
  /// A float16 weight that every reader sees as float32.
  var isWidened = false

  /// The codes of a weight with grouped scales or float codes.
  var codes: CodeForm?

  static let bitsMark = "paretop.bits="
  static let widenedMark = "paretop.widened"

  init(_ proto: ONNXTensorProto) {
    switch ElementType.dataType(proto.dataType) {
    case .int4, .uint4: bits = .int4
    case .int2, .uint2: bits = .int2
    default: break
    }
    if proto.docString.hasPrefix(StoredForm.bitsMark) {
      bits = WeightBits(rawValue: String(proto.docString.dropFirst(StoredForm.bitsMark.count))) ?? bits
    }
    codes = CodeForm(proto.docString)
    isWidened = proto.docString == StoredForm.widenedMark
  }
}
