import GraphIR

/// Statistics of each entry along an axis of a value, over the calibration data.
struct ChannelStatistics: Sendable {
  private(set) var count = 0
  private var sums: [Double]
  private var magnitudes: [Double]
  private var squares: [Double]

  init(entries: Int) {
    sums = [Double](repeating: 0, count: entries)
    magnitudes = sums
    squares = sums
  }

  /// - Parameter inner: elements from one entry to the next.
  mutating func add(_ values: UnsafeBufferPointer<Float>, inner: Int) {
    let entries = sums.count
    guard entries > 0, inner > 0 else { return }
    var start = 0
    while start + entries * inner <= values.count {
      for entry in 0..<entries {
        var (sum, magnitude, square) = (Float(0), Float(0), Float(0))
        for value in values[start + entry * inner..<start + (entry + 1) * inner] {
          sum += value
          magnitude += value.magnitude
          square += value * value
        }
        sums[entry] += Double(sum)
        magnitudes[entry] += Double(magnitude)
        squares[entry] += Double(square)
      }
      start += entries * inner
      count += inner
    }
  }

  var means: [Double] { sums.map { $0 / Double(max(count, 1)) } }
  var meanMagnitudes: [Double] { magnitudes.map { $0 / Double(max(count, 1)) } }
  /// Root mean squares.
  var norms: [Double] { squares.map { ($0 / Double(max(count, 1))).squareRoot() } }
  var variances: [Double] {
    zip(squares, means).map { max(0, $0 / Double(max(count, 1)) - $1 * $1) }
  }

  /// By value, what the readers of channels read when calibration data run through the graph.
  /// - Throws: what the run throws.
  static func observe(
    _ readers: [ChannelAnalysis.Reader], of graph: Graph, activations: any ActivationSource
  ) throws -> [String: ChannelStatistics] {
    let readers = readers.filter { graph.initializers[$0.value] == nil }
    let inner = Dictionary(readers.map { ($0.value, $0.inner) }, uniquingKeysWith: { first, _ in first })
    var found = Dictionary(
      readers.map { ($0.value, ChannelStatistics(entries: $0.along.channels.count)) },
      uniquingKeysWith: { first, _ in first })
    guard !found.isEmpty else { return [:] }
    try activations.observe(Set(found.keys), of: graph) { name, _, values in
      found[name]?.add(values, inner: inner[name] ?? 0)
    }
    return found.filter { $0.value.count > 0 && $0.value.norms.allSatisfy(\.isFinite) }
  }
}
