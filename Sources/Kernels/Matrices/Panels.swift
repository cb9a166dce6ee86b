/// How weights are cut into panels and blocks.
enum Panels {
  /// Outputs in a panel, the same at every feature level.
  static let width = 16

  static func count(_ outputs: Int) -> Int { (outputs + width - 1) / width }
  static func padded(_ outputs: Int) -> Int { count(outputs) * width }

  /// The deepest block: 1280 k of one panel are 80 KB of floats, read in order from a second-level cache. Each cut
  /// costs a pass over y (GEMM 1024x1024x1024: 92 % of the machine's peak in one block, 86 % in three).
  static let maximumDepth = 1280

  /// k per block: near 1024 and alike, so that no small remainder costs a pass over y; whole `unit`s, which divide
  /// `maximumDepth`.
  static func depth(_ inputs: Int, unit: Int) -> Int {
    let blocks = max(1, (inputs + 767) / 1024)
    return roundUp((inputs + blocks - 1) / blocks, unit)
  }

  /// Rows of x per block of `depth`: 384 KB, within a second-level cache; a multiple of 4, 6 and 12.
  static func rows(depth: Int) -> Int { max(12, min(144, 98_304 / max(1, depth) / 12 * 12)) }

  static func roundUp(_ value: Int, _ unit: Int) -> Int { (value + unit - 1) / unit * unit }
}
