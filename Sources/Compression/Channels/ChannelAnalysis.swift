/// Which neurons and filters of a graph hang together: what has to be removed with each of them, and where none can be.
///
/// A space is a set of channels that are removed together: the outputs of a layer, joined with those of others where
/// they are added up. It does not depend on a recipe.
struct ChannelAnalysis: Sendable {
  /// `block` entries along an axis for each channel of a space, in order.
  struct Segment: Sendable, Hashable {
    var space: Int
    var block: Int
  }

  /// The axis of a value or constant that runs over channels, end to end.
  struct Axis: Sendable, Hashable {
    var axis: Int
    var segments: [Segment]
  }

  struct Space: Sendable {
    let count: Int
    /// Why none of it can be removed.
    var obstacle: String?
    /// The layers whose outputs it is, in graph order.
    var producers: [String]
    /// Attention heads, instead of neurons, filters or groups of them.
    var isHeads = false
  }

  /// A constant that shrinks along an axis.
  struct Slice: Sendable {
    let constant: String
    let node: String
    let along: Axis
  }

  /// An entry of a constant shape, the second input of a node, that counts channels.
  struct ShapeEntry: Sendable {
    let node: String
    /// The whole shape as it is.
    let target: [Int]
    let index: Int
    let segments: [Segment]
  }

  /// Attributes of a node that count channels, or groups of them.
  struct Counter: Sendable {
    let attributes: [String]
    let segments: [Segment]
  }

  /// An input of a node that is zero whatever runs, has an entry for each channel, and may be left out.
  struct ZeroInput: Sendable {
    let node: String
    let index: Int
    let segments: [Segment]
  }

  /// Where a layer reads channels: `along` is the axis of the value.
  struct Reader: Sendable {
    let layer: String
    let value: String
    let along: Axis
    /// Elements from one entry along the axis to the next.
    let inner: Int
  }

  /// Towards the space that stands for it, one channel of which stands for `factor` of its own; itself where it does.
  private struct Parent: Sendable {
    var space: Int
    var factor: Int
  }

  private(set) var spaces: [Space] = []
  private var parents: [Parent] = []
  var slices: [Slice] = []
  var shapeEntries: [ShapeEntry] = []
  var zeroInputs: [ZeroInput] = []
  /// By node.
  var counters: [String: Counter] = [:]
  var readers: [Reader] = []
  /// Scales of batch normalizations, by the constant's name.
  var scales: [String: [Segment]] = [:]
  /// The channels of each layer's outputs, end to end: one space, or as many as what reads them cuts them into.
  var outputsOfLayer: [String: [Segment]] = [:]
  /// Nodes that cut channels into equal parts, whose sizes by attribute are no longer right once channels go.
  var evenSplits: [String: [Segment]] = [:]
  /// Depthwise layers, whose filters go with their input's.
  var followers: [String: [Segment]] = [:]
  /// Why a layer has no outputs that could be removed.
  var obstacles: [String: String] = [:]

  mutating func makeSpace(count: Int, producer: String?, obstacle: String? = nil) -> Int {
    spaces.append(Space(count: count, obstacle: obstacle, producers: producer.map { [$0] } ?? []))
    parents.append(Parent(space: spaces.count - 1, factor: 1))
    return spaces.count - 1
  }

  func root(_ space: Int) -> Int { resolved(Segment(space: space, block: 1)).space }

  /// The same entries in terms of the space that stands for the segment's.
  func resolved(_ segment: Segment) -> Segment {
    var segment = segment
    while parents[segment.space].space != segment.space {
      let parent = parents[segment.space]
      segment = Segment(space: parent.space, block: segment.block * parent.factor)
    }
    return segment
  }

  func space(_ index: Int) -> Space { spaces[root(index)] }

  /// Indices of the spaces that stand for themselves.
  var roots: [Int] { spaces.indices.filter { parents[$0].space == $0 } }

  func count(_ segments: [Segment]) -> Int {
    segments.reduce(0) { $0 + spaces[$1.space].count * $1.block }
  }

  /// The first reason counts.
  mutating func freeze(_ segments: [Segment], _ obstacle: String) {
    for segment in segments where space(segment.space).obstacle == nil {
      spaces[root(segment.space)].obstacle = obstacle
    }
  }

  /// Makes the channels of a space go in `units` equal runs; false where they cannot.
  mutating func coarsen(_ space: Int, to units: Int, heads: Bool = false) -> Bool {
    let old = root(space)
    guard units > 0, spaces[old].count % units == 0 else { return false }
    if spaces[old].count == units {
      if heads { spaces[old].isHeads = true }
      return true
    }
    let new = makeSpace(count: units, producer: nil, obstacle: spaces[old].obstacle)
    spaces[new].producers = spaces[old].producers
    spaces[new].isHeads = heads || spaces[old].isHeads
    parents[old] = Parent(space: new, factor: spaces[old].count / units)
    return true
  }

  /// Makes the channels of two spaces of one size go together, one by one.
  mutating func join(_ one: Int, _ other: Int) -> Bool {
    let kept = min(root(one), root(other))
    let joined = max(root(one), root(other))
    guard kept != joined else { return true }
    guard spaces[kept].count == spaces[joined].count else { return false }
    parents[joined] = Parent(space: kept, factor: 1)
    spaces[kept].producers += spaces[joined].producers.filter { !spaces[kept].producers.contains($0) }
    spaces[kept].isHeads = spaces[kept].isHeads || spaces[joined].isHeads
    if spaces[kept].obstacle == nil { spaces[kept].obstacle = spaces[joined].obstacle }
    return true
  }

  /// Makes the channels of both go together, one by one, or in the runs of the coarser; false where they do not match.
  mutating func unite(_ left: [Segment], _ right: [Segment]) -> Bool {
    guard left.count == right.count, zip(left, right).allSatisfy({ count([$0]) == count([$1]) })
    else { return false }
    for (one, other) in zip(left, right) {
      let units = min(space(one.space).count, space(other.space).count)
      guard coarsen(one.space, to: units), coarsen(other.space, to: units), join(one.space, other.space)
      else { return false }
    }
    return true
  }

  /// The entries along an axis that stay, given the channels kept of each space; nil where all stay.
  func keptEntries(_ segments: [Segment], kept: [Int: [Int]]) -> [Int]? {
    guard segments.contains(where: { kept[root($0.space)] != nil }) else { return nil }
    var entries: [Int] = []
    var offset = 0
    for segment in segments.map(resolved) {
      let count = spaces[segment.space].count
      for channel in kept[segment.space] ?? Array(0..<count) {
        let start = offset + channel * segment.block
        entries += start..<start + segment.block
      }
      offset += count * segment.block
    }
    return entries
  }
}
