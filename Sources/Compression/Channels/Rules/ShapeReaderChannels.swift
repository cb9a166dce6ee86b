import GraphIR
import TensorCore

extension ChannelRule {
  /// Reads the shape alone. What is computed with it stays as it was: the number of channels may be a part of a sum, as
  /// the root of it is by which attention divides. Who needs the shape as it becomes says so (`ReshapeChannels`).
  static let shapeReader = ChannelRule("Shape", "Size") { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let output = node.outputs.first,
      let rank = analyzer.shape(input)?.rank
    else { return }
    func read(_ index: Int?, length: Int) {
      analyzer.result.shapeReads[output] = ChannelAnalysis.ShapeRead(
        node: node.name, index: index, length: length, channels: axis.channels)
    }
    if node.kind == "Size" { return read(nil, length: 1) }
    func place(_ name: String, _ standard: Int) -> Int {
      let given = node.int(name) ?? standard
      return min(max(given < 0 ? given + rank : given, 0), rank)
    }
    let (start, end) = (place("start", 0), place("end", rank))
    if (start..<max(start, end)).contains(axis.axis) { read(axis.axis - start, length: end - start) }
  }
}
