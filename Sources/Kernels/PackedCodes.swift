/// Weight codes packed in panels of 16 outputs; `ck_packed_template.h` describes the bits.
///
/// A weight is scale · (code − zero), code being the packed, unsigned number.
final class PackedCodes: Sendable {
  let outputs: Int
  let inputs: Int
  let bits: PackedWidth
  let words: AlignedBuffer<UInt32>
  let scales: AlignedBuffer<Float>
  let zeros: AlignedBuffer<Int32>

  /// Groups of k in a panel.
  var groups: Int { (inputs + bits.groupDepth - 1) / bits.groupDepth }
  /// Inputs, up to whole groups.
  var paddedInputs: Int { groups * bits.groupDepth }
  var wordsPerGroup: Int { bits.groupPlanes * Panels.width }
  var wordsPerPanel: Int { groups * wordsPerGroup }
  var byteCount: Int { words.byteCount + scales.byteCount + zeros.byteCount }

  /// Packs `codes` [outputs, inputs], where weight = scale · (code − zeroPoint).
  ///
  /// Codes lie in `bits.signedCodes` or, where none is negative, in `bits.unsignedCodes`; single bits are −1 and
  /// +1, or 0 and 1. `scales` holds one value or one per output; `zeroPoints` none, one, or one per output.
  init(
    codes: UnsafeBufferPointer<Int16>, outputs: Int, inputs: Int, bits: PackedWidth, scales: [Float],
    zeroPoints: [Int32]
  ) {
    precondition(
      outputs >= 0 && inputs >= 0 && codes.count == outputs * inputs, "codes are [outputs, inputs]")
    let low = codes.min() ?? 0
    let high = codes.max() ?? 0
    let allowed = low < 0 ? bits.signedCodes : bits.unsignedCodes
    precondition(allowed.contains(low) && allowed.contains(high), "codes fit \(bits)")
    self.outputs = outputs
    self.inputs = inputs
    self.bits = bits
    let base = Int32(allowed.lowerBound)
    // A packed bit counts 2: right for -1 and +1, while 0 and 1 take half the scale and twice the zero point.
    let doubled = bits == .one && low >= 0
    self.scales = AlignedBuffer(perOutput: doubled ? scales.map { $0 / 2 } : scales, outputs: outputs)
    let zeroPoints = zeroPoints.isEmpty ? [0] : zeroPoints
    zeros = AlignedBuffer(
      perOutput: zeroPoints.map { doubled ? 2 * $0 : $0 - base }, outputs: outputs)
    let depth = bits.groupDepth
    let planes = bits.groupPlanes
    let groups = (inputs + depth - 1) / depth
    words = AlignedBuffer(zeros: Panels.count(outputs) * groups * planes * Panels.width)
    var group = [UInt8](repeating: 0, count: depth)
    for n in 0..<outputs {
      let panel = words.start + (n / Panels.width) * groups * planes * Panels.width
      for g in 0..<groups {
        for i in 0..<depth {
          let k = g * depth + i
          guard k < inputs else {
            group[i] = 0
            continue
          }
          let code = Int32(codes[n * inputs + k])
          precondition(bits != .one || low >= 0 || code != 0, "single bits are -1 and +1")
          group[i] = UInt8(bits == .one ? (code > 0 ? 1 : 0) : code - base)
        }
        let packed = bits.pack(group)
        let out = panel + g * planes * Panels.width + n % Panels.width
        out[0] = packed.0
        if planes == 3 {
          out[Panels.width] = packed.1
          out[2 * Panels.width] = packed.2
        }
      }
    }
  }
}

extension PackedWidth {
  /// One output's words for a group of `groupDepth` codes.
  fileprivate func pack(_ codes: [UInt8]) -> (UInt32, UInt32, UInt32) {
    /// Codes from `first` on, reduced to `width` bits from bit `shift` on: code 4 s + i at bit 8 i + width s.
    func plane(_ first: Int, _ width: Int, shift: Int) -> UInt32 {
      var word: UInt32 = 0
      for k in 0..<(32 / width) {
        let part = UInt32(codes[first + k] >> shift) & ((1 << width) - 1)
        word |= part << (8 * (k % 4) + width * (k / 4))
      }
      return word
    }
    switch self {
    case .eight: return (plane(0, 8, shift: 0), 0, 0)
    case .four: return (plane(0, 4, shift: 0), 0, 0)
    case .two: return (plane(0, 2, shift: 0), 0, 0)
    case .one: return (plane(0, 1, shift: 0), 0, 0)
    case .six: return (plane(0, 4, shift: 0), plane(8, 4, shift: 0), plane(0, 2, shift: 4))
    case .three: return (plane(0, 2, shift: 0), plane(16, 2, shift: 0), plane(0, 1, shift: 2))
    case .ternary:
      var word: UInt32 = 0
      for byte in 0..<4 {
        let value = (0..<5).reduce(0) { $0 * 3 + UInt32(codes[4 * $1 + byte]) }
        word |= ((value * 256 + 242) / 243) << (8 * byte)
      }
      return (word, 0, 0)
    }
  }
}
