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
  }

  /// A constant that shrinks along an axis.
  struct Slice: Sendable {
    let constant: String
    let node: String
    let along: Axis
  }

  /// An entry of a constant shape that counts channels.
  struct ShapeEntry: Sendable {
    let constant: String
    let node: String
    let index: Int
    let segments: [Segment]
  }

  private(set) var spaces: [Space] = []
  /// Towards the space that stands for it; itself where it does.
  private var parents: [Int] = []
  var slices: [Slice] = []
  var shapeEntries: [ShapeEntry] = []
  /// Depthwise convolutions, by node: as many groups as channels.
  var groups: [String: [Segment]] = [:]
  /// The space of each layer's outputs.
  var spaceOfLayer: [String: Int] = [:]
  /// Depthwise layers, whose filters go with their input's.
  var followers: [String: [Segment]] = [:]
  /// Why a layer has no outputs that could be removed.
  var obstacles: [String: String] = [:]

  mutating func makeSpace(count: Int, producer: String?, obstacle: String? = nil) -> Int {
    spaces.append(Space(count: count, obstacle: obstacle, producers: producer.map { [$0] } ?? []))
    parents.append(spaces.count - 1)
    return spaces.count - 1
  }

  func root(_ space: Int) -> Int {
    var space = space
    while parents[space] != space { space = parents[space] }
    return space
  }

  func space(_ index: Int) -> Space { spaces[root(index)] }

  /// Indices of the spaces that stand for themselves.
  var roots: [Int] { spaces.indices.filter { parents[$0] == $0 } }

  func count(_ segments: [Segment]) -> Int {
    segments.reduce(0) { $0 + spaces[$1.space].count * $1.block }
  }

  /// The first reason counts.
  mutating func freeze(_ segments: [Segment], _ obstacle: String) {
    for segment in segments where space(segment.space).obstacle == nil {
      spaces[root(segment.space)].obstacle = obstacle
    }
  }

  /// Makes the channels of both go together, one by one; false where they do not match.
  mutating func unite(_ left: [Segment], _ right: [Segment]) -> Bool {
    guard left.count == right.count,
      zip(left, right).allSatisfy({
        $0.block == $1.block && spaces[$0.space].count == spaces[$1.space].count
      })
    else { return false }
    for (one, other) in zip(left, right) {
      let kept = min(root(one.space), root(other.space))
      let joined = max(root(one.space), root(other.space))
      guard kept != joined else { continue }
      parents[joined] = kept
      spaces[kept].producers += spaces[joined].producers
      if spaces[kept].obstacle == nil { spaces[kept].obstacle = spaces[joined].obstacle }
    }
    return true
  }

  /// The entries along an axis that stay, given the channels kept of each space; nil where all stay.
  func keptEntries(_ segments: [Segment], kept: [Int: [Int]]) -> [Int]? {
    guard segments.contains(where: { kept[root($0.space)] != nil }) else { return nil }
    var entries: [Int] = []
    var offset = 0
    for segment in segments {
      let count = spaces[segment.space].count
      for channel in kept[root(segment.space)] ?? Array(0..<count) {
        let start = offset + channel * segment.block
        entries += start..<start + segment.block
      }
      offset += count * segment.block
    }
    return entries
  }
}
