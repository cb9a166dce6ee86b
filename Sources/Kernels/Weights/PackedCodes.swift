import CKernels

/// Weight codes packed in panels of 16 outputs; `packed_template.h` describes the bits.
///
/// A weight is scale · (code − zero), code being the packed, unsigned number. Scales and zeros hold for blocks of k:
/// one block for all of them, or `groupSize` inputs each.
final class PackedCodes: Sendable {
  let outputs: Int
  let inputs: Int
  let bits: PackedWidth
  let words: AlignedBuffer<UInt32>
  /// [panels, blocks, 16].
  let scales: AlignedBuffer<Float>
  /// [panels, blocks, 16].
  let zeros: AlignedBuffer<Float>
  /// Blocks of k, at least one.
  let blocks: Int
  /// k in each block but the last: whole groups.
  let blockDepth: Int

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
  /// +1, or 0 and 1. With `groupSize`, a multiple of `PackedWidth.groupSizeUnit`, scales and zero points are
  /// [outputs, ⌈inputs / groupSize⌉]; else one per output. Either may hold a single value for all, and zero points
  /// none.
  init(
    codes: UnsafeBufferPointer<Int16>, outputs: Int, inputs: Int, bits: PackedWidth, scales: [Float],
    zeroPoints: [Int32], groupSize: Int?
  ) {
    precondition(
      outputs >= 0 && inputs >= 0 && codes.count == outputs * inputs, "codes are [outputs, inputs]")
    let (low, high) = Self.range(codes)
    let allowed = low < 0 ? bits.signedCodes : bits.unsignedCodes
    precondition(allowed.contains(low) && allowed.contains(high), "codes fit \(bits)")
    self.outputs = outputs
    self.inputs = inputs
    self.bits = bits
    let base = Int32(allowed.lowerBound)
    // A packed bit counts 2: right for -1 and +1, while 0 and 1 take half the scale and twice the zero point.
    let doubled = bits == .one && low >= 0
    let blockDepth = groupSize ?? max(1, inputs)
    precondition(
      groupSize == nil || blockDepth > 0 && blockDepth % PackedWidth.groupSizeUnit == 0,
      "groups hold a multiple of \(PackedWidth.groupSizeUnit) inputs")
    let blocks = max(1, (inputs + blockDepth - 1) / blockDepth)
    self.blocks = blocks
    self.blockDepth = groupSize ?? Panels.roundUp(max(1, inputs), bits.groupDepth)
    self.scales = Self.perBlock(doubled ? scales.map { $0 / 2 } : scales, outputs: outputs, blocks: blocks)
    let zeroPoints = zeroPoints.isEmpty ? [0] : zeroPoints
    zeros = Self.perBlock(
      zeroPoints.map { Float(doubled ? 2 * $0 : $0 - base) }, outputs: outputs, blocks: blocks)
    words = Self.pack(codes, outputs: outputs, inputs: inputs, bits: bits, base: base)
  }

  /// Packs places 0...15 or 0...255 [outputs, inputs] in a table of as many values.
  init(
    places: UnsafeBufferPointer<UInt8>, outputs: Int, inputs: Int, bits: PackedWidth, scales: [Float],
    zero: Float, groupSize: Int?
  ) {
    precondition(
      outputs >= 0 && inputs >= 0 && places.count == outputs * inputs, "codes are [outputs, inputs]")
    precondition(
      groupSize.map { $0 > 0 && $0 % PackedWidth.groupSizeUnit == 0 } ?? true,
      "groups hold a multiple of \(PackedWidth.groupSizeUnit) inputs")
    self.outputs = outputs
    self.inputs = inputs
    self.bits = bits
    blockDepth = groupSize ?? Panels.roundUp(max(1, inputs), bits.groupDepth)
    blocks = max(1, (inputs + blockDepth - 1) / blockDepth)
    self.scales = Self.perBlock(scales, outputs: outputs, blocks: blocks)
    zeros = Self.perBlock([zero], outputs: outputs, blocks: blocks)
    words = Self.pack(places, outputs: outputs, inputs: inputs, bits: bits, base: 0)
  }

  /// The same in memory of its own.
  init(copying other: PackedCodes) {
    outputs = other.outputs
    inputs = other.inputs
    bits = other.bits
    blocks = other.blocks
    blockDepth = other.blockDepth
    words = other.words.copy()
    scales = other.scales.copy()
    zeros = other.zeros.copy()
  }

  /// The side data of panel `panel` from block `block` on.
  func side(panel: Int, block: Int = 0) -> ck_packed_side {
    let at = (panel * blocks + block) * Panels.width
    return ck_packed_side(
      blocks: blocks, groups: blockDepth / bits.groupDepth, scale: scales.start + at, zero: zeros.start + at,
      levels: nil, steps: nil)
  }

  private static func range(_ codes: UnsafeBufferPointer<Int16>) -> (Int16, Int16) {
    var low: Int16 = 0
    var high: Int16 = 0
    for code in codes {
      low = min(low, code)
      high = max(high, code)
    }
    return (low, high)
  }

  /// One value for all, one per output, or one per output and block, as [panels, blocks, 16].
  private static func perBlock(_ values: [Float], outputs: Int, blocks: Int) -> AlignedBuffer<Float> {
    precondition(
      values.count == 1 || values.count == outputs || values.count == outputs * blocks,
      "one value, one per output, or one per output and group")
    let buffer = AlignedBuffer<Float>(zeros: Panels.padded(outputs) * blocks)
    for n in 0..<outputs {
      let panel = buffer.start + n / Panels.width * blocks * Panels.width + n % Panels.width
      for b in 0..<blocks {
        let at = values.count == 1 ? 0 : values.count == outputs ? n : n * blocks + b
        panel[b * Panels.width] = values[at]
      }
    }
    return buffer
  }

  private static func pack<Code: FixedWidthInteger & BitwiseCopyable>(
    _ codes: UnsafeBufferPointer<Code>, outputs: Int, inputs: Int, bits: PackedWidth, base: Int32
  ) -> AlignedBuffer<UInt32> {
    let depth = bits.groupDepth
    let planes = bits.groupPlanes
    let groups = (inputs + depth - 1) / depth
    let words = AlignedBuffer<UInt32>(zeros: Panels.count(outputs) * groups * planes * Panels.width)
    guard let first = codes.baseAddress else { return words }
    let row = AlignedBuffer<UInt8>(zeros: groups * depth)
    for n in 0..<outputs {
      let from = first + n * inputs
      if bits == .one {
        for k in 0..<inputs {
          precondition(base == 0 || from[k] != 0, "single bits are -1 and +1")
          row.start[k] = from[k] > 0 ? 1 : 0
        }
      } else {
        for k in 0..<inputs {
          row.start[k] = UInt8(truncatingIfNeeded: Int32(truncatingIfNeeded: from[k]) &- base)
        }
      }
      var out = words.start + n / Panels.width * groups * planes * Panels.width + n % Panels.width
      for g in 0..<groups {
        bits.pack(row.start + g * depth, into: out)
        out += planes * Panels.width
      }
    }
    return words
  }
}

extension PackedWidth {
  /// Writes one output's words for a group of `groupDepth` codes, a panel's width apart.
  fileprivate func pack(_ codes: UnsafePointer<UInt8>, into out: UnsafeMutablePointer<UInt32>) {
    /// Four codes, one to a byte.
    func four(_ first: Int) -> UInt32 {
      UInt32(
        littleEndian: UnsafeRawPointer(codes).loadUnaligned(fromByteOffset: first, as: UInt32.self))
    }
    /// Codes from `first` on, reduced to `width` bits from bit `shift` on: code 4 s + i at bit 8 i + width s.
    func plane(_ first: Int, _ width: Int, shift: UInt32) -> UInt32 {
      let mask = 0x0101_0101 &* ((UInt32(1) << UInt32(width)) - 1)
      var word: UInt32 = 0
      for s in 0..<(8 / width) { word |= ((four(first + 4 * s) >> shift) & mask) << UInt32(width * s) }
      return word
    }
    let step = Panels.width
    switch self {
    case .eight: out[0] = four(0)
    case .four: out[0] = plane(0, 4, shift: 0)
    case .two, .ternary: out[0] = plane(0, 2, shift: 0)
    case .one: out[0] = plane(0, 1, shift: 0)
    case .six:
      out[0] = plane(0, 4, shift: 0)
      out[step] = plane(8, 4, shift: 0)
      out[2 * step] = plane(0, 2, shift: 4)
    case .five:
      for i in 0..<4 { out[i * step] = plane(8 * i, 4, shift: 0) }
      out[4 * step] = plane(0, 1, shift: 4)
    case .three:
      out[0] = plane(0, 2, shift: 0)
      out[step] = plane(16, 2, shift: 0)
      out[2 * step] = plane(0, 1, shift: 2)
    }
  }
}
