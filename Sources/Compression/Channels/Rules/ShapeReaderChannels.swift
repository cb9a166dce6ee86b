extension ChannelRule {
  /// Reads the shape alone, which follows by itself.
  static let shapeReader = ChannelRule("Shape", "Size") { _, _ in }
}
