import Recipes

/// How the range that codes span is found, for weights and for activations.
///
/// A range method stands in a file of its own, and in a line of `allCases`.
package struct RangeMethod: SettingChoice {
  package let label: String
  package let note: MethodNote
  /// Whether it looks at how values are distributed, and clips those far out.
  let clips: Bool
  /// The grid for weights that share a scale; nil where the method is about activations, and weights span all values.
  let weights: (@Sendable (WeightRange) -> CodeGrid)?
  /// The scale and zero point of what a layer reads, with codes of 0 up to the highest.
  let activations: @Sendable (_ seen: ActivationRange, _ highest: UInt8) -> ActivationGrid
  /// What there is to say where only so many weights share a scale, or of their codes; nil for nothing.
  let remark: (@Sendable (_ weights: Int, CodeScheme) -> String?)?

  init(
    _ label: String, _ note: MethodNote, clips: Bool, weights: (@Sendable (WeightRange) -> CodeGrid)?,
    activations: @escaping @Sendable (ActivationRange, UInt8) -> ActivationGrid,
    remark: (@Sendable (Int, CodeScheme) -> String?)? = nil
  ) {
    self.label = label
    self.note = note
    self.clips = clips
    self.weights = weights
    self.activations = activations
    self.remark = remark
  }

  /// In the order in which they are shown.
  package static let allCases: [RangeMethod] = [
    .minMax,
    .percentile,
    .entropy,
    .meanSquare,
    .analytical,
    .movingAverage,
  ]
}

extension RangeMethod {
  package static func == (left: RangeMethod, right: RangeMethod) -> Bool { left.label == right.label }

  package func hash(into hasher: inout Hasher) { hasher.combine(label) }
}

/// Weights that share a scale.
struct WeightRange {
  let quantizer: WeightQuantizer
  let values: UnsafeBufferPointer<Float>
  /// The smallest and largest of the values and zero.
  let low: Float
  let high: Float

  /// The grid over what lies within a magnitude.
  func clipped(to clip: Float) -> CodeGrid { quantizer.grid(low: max(low, -clip), high: min(high, clip)) }
}

/// `value = scale * (code - zeroPoint)`.
struct ActivationGrid {
  let scale: Float
  let zeroPoint: UInt8

  /// The grid whose codes 0...highest span low...high, which contains zero.
  init(low: Float, high: Float, highest: UInt8) {
    let steps = Float(highest)
    let scale = high / steps - low / steps
    guard scale >= Float.leastNormalMagnitude else {
      (self.scale, zeroPoint) = (1, 0)
      return
    }
    self.scale = scale
    zeroPoint = UInt8(min(max((-low / scale).rounded(.toNearestOrEven), 0), steps))
  }
}

extension ActivationRange {
  /// The grid over what lies within a magnitude.
  func clipped(to clip: Float, _ highest: UInt8) -> ActivationGrid {
    ActivationGrid(low: max(low, -clip), high: min(high, clip), highest: highest)
  }
}

extension SettingKeys {
  package var range: TypedSetting<RangeMethod> {
    TypedSetting(
      "range", "How the range that the codes span is found.", of: "weight-bits", standard: .minMax,
      formerKeys: ["calibration"])
  }
}
