import CKernels

/// How the codes of one width lie in words: what `packed_template.h` says, bit by bit.
enum PackedForm: String, CaseIterable {
  case q8, q6, q5, q4, q3, q2, q1, n8, n4

  /// k in a group.
  var depth: Int {
    switch self {
    case .q8, .n8: 4
    case .q4, .n4: 8
    case .q6, .q2: 16
    case .q5, .q3, .q1: 32
    }
  }

  /// Planes of words in a group.
  var planes: Int {
    switch self {
    case .q5: 5
    case .q6, .q3: 3
    default: 1
    }
  }

  var isTable: Bool { self == .n8 || self == .n4 }

  /// The code of one output at place `k` of a group, whose words lie 16 apart.
  func code(_ words: UnsafePointer<UInt32>, _ k: Int) -> Int {
    let (s, byte) = (k / 4, k % 4 * 8)
    func field(_ plane: Int, at bit: Int, width: Int) -> Int {
      Int(words[plane * 16] >> UInt32(byte + bit)) & (1 << width - 1)
    }
    return switch self {
    case .q8, .n8: field(0, at: 0, width: 8)
    case .q4, .n4: field(0, at: 4 * s, width: 4)
    case .q2: field(0, at: 2 * s, width: 2)
    case .q1: field(0, at: s, width: 1) * 2
    case .q6: field(s / 2, at: 4 * (s % 2), width: 4) + field(2, at: 2 * s, width: 2) << 4
    case .q5: field(s / 2, at: 4 * (s % 2), width: 4) + field(4, at: s, width: 1) << 4
    case .q3: field(s / 4, at: 2 * (s % 4), width: 2) + field(2, at: s, width: 1) << 2
    }
  }
}

/// A panel of random codes, with a scale and a zero point for each block of k and each output.
final class PackedPanel {
  let form: PackedForm
  let groups: Int
  let words: Memory<UInt32>
  var side: ck_packed_side
  private let scale: Memory<Float>
  private let zero: Memory<Float>
  private let levels: Memory<Float>
  private let steps: Memory<UInt8>

  /// `counted`: codes of a table stand for small whole numbers.
  init(_ form: PackedForm, groups: Int, blocks: Int, counted: Bool = false, _ source: inout ProblemSource) {
    self.form = form
    self.groups = groups
    words = source.values(groups * form.planes * 16) { UInt32.random(in: 0...(.max), using: &$0) }
    scale = source.floats(blocks * 16, in: 0.25...1)
    zero = source.values(blocks * 16) { source in
      form.isTable && !counted ? 0 : Float(source.integer(0...(form.isTable ? 31 : 3)))
    }
    levels = source.floats(256)
    steps = source.integers(16, in: 0...31)
    side = ck_packed_side(
      blocks: blocks, groups: max(1, (groups + blocks - 1) / blocks), scale: scale.start, zero: zero.start,
      levels: form.isTable ? UnsafePointer(levels.start) : nil,
      steps: counted ? UnsafePointer(steps.start) : nil)
  }

  var depth: Int { form.depth }
  var inputs: Int { groups * depth }
  var wordBytes: Double { Double(words.count * 4) }
  func block(_ k: Int) -> Int { k / depth / side.groups }

  /// What the code of output `n` at `k` stands for, before zero point and scale.
  func value(_ k: Int, _ n: Int) -> Double {
    let code = form.code(words.start + (k / depth * form.planes * 16 + n), k % depth)
    if side.steps != nil { return Double(steps[code & 15]) }
    return form.isTable ? Double(levels[code]) : Double(code)
  }

  func scale(_ block: Int, _ n: Int) -> Double { Double(scale[block * 16 + n]) }
  func zero(_ block: Int, _ n: Int) -> Double { Double(zero[block * 16 + n]) }

  /// sum over blocks of scale · (sum of x · value − zero · sum of the block), and the size of its terms.
  func product(_ n: Int, x: (Int) -> Double, sums: (Int) -> Float) -> (sum: Double, size: Double) {
    var parts = [Double](repeating: 0, count: side.blocks)
    var size = 0.0
    for k in 0..<inputs {
      let term = x(k) * value(k, n)
      parts[block(k)] += term
      size += abs(term) * scale(block(k), n)
    }
    let sum = parts.enumerated().reduce(0) {
      $0 + scale($1.0, n) * ($1.1 - zero($1.0, n) * Double(sums($1.0)))
    }
    for b in 0..<side.blocks { size += abs(scale(b, n) * zero(b, n) * Double(sums(b))) }
    return (sum, size)
  }
}
