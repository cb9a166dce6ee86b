/// How weights are cut into panels and blocks.
enum Panels {
  /// Outputs in a panel, the same at every feature level.
  static let width = 16

  static func count(_ outputs: Int) -> Int { (outputs + width - 1) / width }
  static func padded(_ outputs: Int) -> Int { count(outputs) * width }

  /// The deepest block: 480 k of one panel are 30 KB of floats, about a first-level cache.
  static let maximumDepth = 480

  /// k per block: near 320 and alike, so that no small remainder costs a pass over y; whole `unit`s, which divide
  /// `maximumDepth`.
  static func depth(_ inputs: Int, unit: Int) -> Int {
    let blocks = max(1, (inputs + 160) / 320)
    return roundUp((inputs + blocks - 1) / blocks, unit)
  }

  /// Rows of x per block: 144 rows of 320 are 184 KB, within a second-level cache; a multiple of 4, 6 and 12.
  static let rowBlock = 144

  static func roundUp(_ value: Int, _ unit: Int) -> Int { (value + unit - 1) / unit * unit }
}
