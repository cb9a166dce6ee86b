// Every text for people that says what a kernel is.

extension KernelIdentity: CustomStringConvertible {
  /// Such as "f32 dense 6x16 AVX2", "sparse 91 %, f32 sparse 16x16 AVX2" or "u8 × 4-bit 12x32 AVX-512".
  package var description: String {
    if case .pair(let first, let second) = storage { return "factor pair: \(first) + \(second)" }
    return [zeros.map { "\($0), " }, "\(product)", code.map { " \($0)" }].compactMap { $0 }.joined()
  }

  /// What is said first of forms that leave zeros out.
  private var zeros: String? {
    switch storage {
    case .sparse(_, let shares): "sparse \(PercentLabel(shares.zeros))"
    case .pattern(let pattern): "\(pattern) sparse"
    case .blocks(let shares): "block-sparse \(PercentLabel(shares.zeros))"
    case .dense, .packed, .codebook, .depthwise, .direct, .computed, .attention, .pair: nil
    }
  }

  private var product: String {
    let data =
      switch arithmetic {
      case .float32: "f32"
      case .int8: "u8"
      }
    // Weights of the same kind as the data go without saying.
    let both =
      switch arithmetic {
      case .float32: "f32"
      case .int8: "u8·s8"
      }
    return switch storage {
    case .dense(.float32), .dense(.int8): "\(both) dense"
    case .dense(.half(let format)): "\(data) × \(format)"
    case .packed(let width): "\(data) × \(width)"
    case .codebook(let width): "\(data) × \(width) table"
    case .sparse(.float32, _): "\(data) sparse"
    case .sparse(.half(let format), _): "\(data) × \(format) sparse"
    case .sparse(.int8, _): "\(data) × s8 sparse"
    case .pattern(let pattern): "\(data) \(pattern)"
    case .blocks: "\(data) blocks"
    case .depthwise: "\(both) depthwise"
    case .direct: "\(both) direct"
    case .computed: "\(data) product"
    case .attention(let isLinear): isLinear ? "\(data) linear attention" : "\(data) attention"
    case .pair(let first, let second): "\(first) + \(second)"
    }
  }

  /// The form alone, as a list of all forms names it: "4-bit weights".
  package var formLabel: String {
    let isInteger = arithmetic == .int8
    let both = "8-bit weights and activations"
    let data = isInteger ? ", 8-bit activations" : ""
    return switch storage {
    case .dense(.float32): "dense float32"
    case .dense(.half(.float16)): "float16"
    case .dense(.half(.bfloat16)): "bfloat16"
    case .dense(.int8): isInteger ? both : "8-bit weights"
    case .packed(.two), .packed(.ternary): "2-bit and ternary weights\(data)"
    case .packed(.one): "binary weights\(data)"
    case .packed(let width): "\(width) weights\(data)"
    case .codebook(let width): "\(width) tables of values"
    case .sparse: "unstructured sparse"
    case .pattern(let pattern): "\(pattern)"
    case .blocks: "blocks"
    case .depthwise: isInteger ? "depthwise, \(both)" : "depthwise float32"
    case .direct: isInteger ? "convolution, \(both)" : "convolution float32"
    case .computed: "computed product"
    case .attention: "attention"
    case .pair: "factor pair"
    }
  }
}

extension KernelCode: CustomStringConvertible {
  /// Such as "6x16 AVX2".
  package var description: String {
    [tile.map { "\($0.rows)x\($0.outputs)" }, level.description].compactMap { $0 }.joined(separator: " ")
  }
}

/// A share in whole percent, of which neither all nor nothing is said where it is not so.
package struct PercentLabel: CustomStringConvertible {
  private let share: Double
  package init(_ share: Double) { self.share = share }

  package var description: String {
    let rounded = (share * 100).rounded()
    // 99.6 % zeros are not all zeros.
    let shown = share < 1 && rounded == 100 ? 99 : share > 0 && rounded == 0 ? 1 : Int(rounded)
    return "\(shown) %"
  }
}
