/// How weights are cut into panels and blocks.
enum Panels {
  /// Outputs in a panel, the same at every feature level.
  static let width = 16

  static func count(_ outputs: Int) -> Int { (outputs + width - 1) / width }
  static func padded(_ outputs: Int) -> Int { count(outputs) * width }

  /// Every packed width's group of k divides this.
  static let depthUnit = 160
  /// The deepest block: 480 k of one panel are 30 KB of floats, about a first-level cache.
  static let maximumDepth = 480

  /// k per block: near 320, whole units, and no small remainder.
  static func depth(_ inputs: Int) -> Int {
    let blocks = max(1, (inputs + depthUnit) / (2 * depthUnit))
    return roundUp((inputs + blocks - 1) / blocks, depthUnit)
  }

  /// Rows of x per block: 144 rows of 320 are 184 KB, within a second-level cache; a multiple of 4, 6 and 12.
  static let rowBlock = 144

  static func roundUp(_ value: Int, _ unit: Int) -> Int { (value + unit - 1) / unit * unit }
}
