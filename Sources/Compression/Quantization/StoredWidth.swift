import GraphIR
import Recipes
import TensorCore

extension Weight {
  /// What a weight is stored as already that is no wider than settings ask for, such as "8-bit codes": another rounding
  /// would lose more and save nothing. Nil where there is something to do.
  func form(under settings: LayerSettings) -> String? {
    switch self {
    case .quantized(let tensor):
      return tensor.bits.storedBits <= settings.weightBits.storedBits
        ? "\(tensor.bits.rawValue)-bit codes" : nil
    case .dense(let tensor):
      let half: DataType = settings.numberFormat == .wideFloat ? .bfloat16 : .float16
      return settings.weightBits == .float16 && tensor.dataType == half ? "16-bit floats" : nil
    }
  }
}

extension Weight {
  /// Bits of an element as stored, scales not counted.
  var storedBits: Double {
    switch self {
    case .quantized(let tensor): tensor.bits.storedBits
    case .dense(let tensor): Double(8 * tensor.dataType.byteCount)
    }
  }
}

extension WeightPrecision {
  /// Bits of a weight as stored, scales not counted.
  var storedBits: Double {
    switch self {
    case .float32: 32
    case .float16: 16
    case .quantized(let bits): bits.storedBits
    }
  }
}
