import Recipes
import TensorCore

/// What codes a weight gets: their width and meaning, how many weights share a scale, and how scales are found.
struct CodeScheme: Hashable, Sendable {
  let bits: WeightBits
  var format = CodeFormat.integer
  var scaleStorage = ScaleStorage.float32
  /// One scale for the whole weight.
  var isPerTensor = false
  /// Weights of one output that share a scale; nil for all of them.
  var groupSize: Int?
  /// Integers with a zero point.
  var isAsymmetric = false
  var range = RangeMethod.minMax

  /// Weights that share a scale in the microscaling formats.
  static let microscalingBlock = 32

  /// What settings ask for at this width; parts that have no meaning there are left out, so that equal results have
  /// equal schemes.
  init(bits: WeightBits, settings: LayerSettings) {
    self.bits = bits
    let (numbers, granularity) = (settings.numberFormat, settings.granularity)
    isPerTensor = granularity == .perTensor
    groupSize = granularity.groupSize
    switch (numbers, bits) {
    case (.integer, _): break
    case (.float, .int8): format = .float8E4M3
    case (.float, .int6), (.microscaling, .int6): format = .float6E2M3
    case (.float, .int4), (.microscaling, .int4): format = .float4E2M1
    case (.wideFloat, .int8): format = .float8E5M2
    case (.wideFloat, .int6): format = .float6E3M2
    case (.microscaling, .int8): format = .float8E4M3
    case (.normalFloat, .int4): format = .normalFloat4
    case (.float, _), (.wideFloat, _), (.microscaling, _), (.microscalingInteger, _), (.normalFloat, _): break
    }
    let isMicroscaling =
      numbers == .microscaling && format != .integer
      || numbers == .microscalingInteger && bits == .int8
    if isMicroscaling {
      isPerTensor = false
      groupSize = CodeScheme.microscalingBlock
      scaleStorage = .powerOfTwo
    }
    if bits == .ternary || bits == .binary || isMicroscaling { return }
    isAsymmetric = settings.symmetry == .asymmetric && format == .integer
    // What only activations know is the plain range here.
    range = settings.range.weights == nil ? .minMax : settings.range
  }

  /// Whether the settings ask for numbers that this width does not have.
  static func lacks(_ numbers: WeightNumberFormat, _ bits: WeightBits) -> Bool {
    if numbers == .integer { return false }
    let scheme = CodeScheme(bits: bits, settings: LayerSettings().with(\.numberFormat, numbers))
    return scheme.format == .integer && scheme.scaleStorage == .float32
  }

  /// Integer codes that are used: symmetric ones leave out the lowest.
  var codeRange: ClosedRange<Int> {
    let range = bits.codeRange
    return isAsymmetric || bits == .ternary || bits == .binary
      ? range : -range.upperBound...range.upperBound
  }
}

/// The scale and zero point of a group of weights.
struct CodeGrid: Hashable, Sendable {
  var scale: Float
  var zeroPoint: Int32 = 0
}
