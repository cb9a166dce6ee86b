/// Which neurons and filters of a graph hang together: what has to be removed with each of them, and where none can be.
///
/// A space is a set of channels that are chosen among: the outputs of a layer, joined with those of others where they are
/// added up. It does not depend on a recipe.
struct ChannelAnalysis: Sendable {
  /// One channel of a space.
  struct Channel: Sendable, Hashable {
    var space: Int
    var index: Int
  }

  /// The axis of a value or constant that runs over channels: which channel each of its entries belongs to. A channel may
  /// have several entries, such as the places of an image that a Flatten lays side by side.
  struct Axis: Sendable, Hashable {
    var axis: Int
    var channels: [Channel]
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

  /// A constant that shrinks along an axis, as a node reads it.
  struct Slice: Sendable {
    let constant: String
    let node: String
    let along: Axis
  }

  /// An entry of a shape, or of the bounds of a slice, that a node reads which counts channels.
  struct ShapeEntry: Sendable {
    let node: String
    let input: Int
    let index: Int
    /// The whole shape as it is.
    let target: [Int]
    /// Whether the graph computes it.
    var isComputed = false
    let channels: [Channel]
  }

  /// A Shape or Size of a value with channels. What is computed with it is to stay as it was.
  struct ShapeRead: Sendable {
    let node: String
    /// The entry of the shape that counts channels; nil where it is the number of all elements.
    let index: Int?
    /// Entries of the shape.
    let length: Int
    let channels: [Channel]
    /// Nodes that are to see the shape as it becomes.
    var followers: Set<String> = []
  }

  /// Attributes of a node that count channels, or groups of them.
  struct Counter: Sendable {
    let attributes: [String]
    let channels: [Channel]
  }

  /// An input of a node that is zero whatever runs, has an entry for each channel, and may be left out.
  struct ZeroInput: Sendable {
    let node: String
    let index: Int
    let channels: [Channel]
  }

  /// Where a layer reads channels: `along` is the axis of the value.
  struct Reader: Sendable {
    let layer: String
    let value: String
    let along: Axis
    /// Elements from one entry along the axis to the next.
    let inner: Int
  }

  /// The scale of a batch normalization.
  struct Scale: Sendable {
    let constant: String
    let channels: [Channel]
  }

  /// Nodes that do nothing but put channels in another order, as channel shuffles are written.
  struct Reordering: Sendable {
    /// The first reads the channels, the last writes them.
    let nodes: [String]
    let axis: Int
    /// By entry of the output, the entry of the input.
    let order: [Int]
    let channels: [Channel]
  }

  private(set) var spaces: [Space] = []
  /// By space, what its channels are in the space that took it in; nil for a space that stands for itself.
  private var parents: [[Channel]?] = []
  var slices: [Slice] = []
  var shapeEntries: [ShapeEntry] = []
  /// By the Shape's or Size's output.
  var shapeReads: [String: ShapeRead] = [:]
  var zeroInputs: [ZeroInput] = []
  /// By node.
  var counters: [String: Counter] = [:]
  var readers: [Reader] = []
  var scales: [Scale] = []
  var reorderings: [Reordering] = []
  /// The channels of each layer's outputs.
  var outputsOfLayer: [String: [Channel]] = [:]
  /// By node, the channels of each part that a Split along them makes.
  var splits: [String: [[Channel]]] = [:]
  /// The channels of what a Slice cuts off along them.
  var parts: [[Channel]] = []
  /// Depthwise layers, whose filters go with their input's.
  var followers: [String: [Channel]] = [:]
  /// Why a layer has no outputs that could be removed.
  var obstacles: [String: String] = [:]

  mutating func makeSpace(count: Int, producers: [String] = [], obstacle: String? = nil) -> [Channel] {
    spaces.append(Space(count: count, obstacle: obstacle, producers: producers))
    parents.append(nil)
    return (0..<count).map { Channel(space: spaces.count - 1, index: $0) }
  }

  func root(_ space: Int) -> Int {
    var space = space
    while let next = parents[space]?.first?.space { space = next }
    return space
  }

  /// The same channel in the space that stands for its own.
  func resolved(_ channel: Channel) -> Channel {
    var channel = channel
    while let map = parents[channel.space] { channel = map[channel.index] }
    return channel
  }

  func space(_ index: Int) -> Space { spaces[root(index)] }

  /// Indices of the spaces that stand for themselves.
  var roots: [Int] { spaces.indices.filter { parents[$0] == nil } }

  /// The spaces that stand for those of some channels, ascending.
  func roots(of channels: [Channel]) -> [Int] { Set(Set(channels.map(\.space)).map(root)).sorted() }

  /// The first reason counts.
  mutating func freeze(_ channels: [Channel], _ obstacle: String) {
    for root in roots(of: channels) where spaces[root].obstacle == nil { spaces[root].obstacle = obstacle }
  }

  /// Makes the channels of both go together, one by one; false where there are not as many.
  mutating func unite(_ left: [Channel], _ right: [Channel]) -> Bool {
    guard left.count == right.count else { return false }
    link(Array(zip(left, right)))
    return true
  }

  /// Makes the channels go in `units` equal runs.
  /// - Returns: a channel for each run; nil where they cannot.
  mutating func coarsen(_ channels: [Channel], to units: Int, heads: Bool = false) -> [Channel]? {
    guard units > 0, !channels.isEmpty, channels.count % units == 0 else { return nil }
    let run = channels.count / units
    link(channels.indices.filter { $0 % run > 0 }.map { (channels[$0 - 1], channels[$0]) })
    if heads { for root in roots(of: channels) { spaces[root].isHeads = true } }
    return stride(from: 0, to: channels.count, by: run).map { channels[$0] }
  }

  /// Makes both channels of each pair one, in a space that takes in theirs.
  private mutating func link(_ pairs: [(Channel, Channel)]) {
    let pairs = pairs.map { (resolved($0.0), resolved($0.1)) }.filter { $0.0 != $0.1 }
    guard !pairs.isEmpty else { return }
    let old = Set(pairs.flatMap { [$0.0.space, $0.1.space] }).sorted()
    var offsets: [Int: Int] = [:]
    var total = 0
    for space in old {
      offsets[space] = total
      total += spaces[space].count
    }
    var classes = Array(0..<total)
    func representative(_ place: Int) -> Int {
      var place = place
      while classes[place] != place {
        classes[place] = classes[classes[place]]
        place = classes[place]
      }
      return place
    }
    func place(_ channel: Channel) -> Int { representative((offsets[channel.space] ?? 0) + channel.index) }
    for (one, other) in pairs {
      let (a, b) = (place(one), place(other))
      classes[max(a, b)] = min(a, b)
    }
    // In the order of their first members.
    var numbers = [Int](repeating: 0, count: total)
    var count = 0
    for place in 0..<total {
      let own = representative(place)
      if own == place {
        numbers[place] = count
        count += 1
      } else {
        numbers[place] = numbers[own]
      }
    }
    var joined = Space(count: count, obstacle: nil, producers: [])
    for space in old {
      joined.obstacle = joined.obstacle ?? spaces[space].obstacle
      joined.isHeads = joined.isHeads || spaces[space].isHeads
      joined.producers += spaces[space].producers.filter { !joined.producers.contains($0) }
    }
    spaces.append(joined)
    parents.append(nil)
    for space in old {
      let start = offsets[space] ?? 0
      parents[space] = (0..<spaces[space].count).map {
        Channel(space: spaces.count - 1, index: numbers[start + $0])
      }
    }
  }

  /// Makes every channel known by the space that stands for it at once.
  mutating func settle() {
    for space in spaces.indices where parents[space] != nil {
      parents[space] = parents[space]?.map(resolved)
    }
  }

  /// The choice with a channel more where nothing would be left of what a layer makes or a Split or Slice cuts off.
  func leavingSome(of kept: [Int: Set<Int>]) -> [Int: Set<Int>] {
    var kept = kept
    let wholes = outputsOfLayer.sorted { $0.key < $1.key }.map(\.value)
    let cuts = splits.sorted { $0.key < $1.key }.flatMap(\.value) + parts
    for channels in wholes + cuts where !channels.isEmpty {
      guard let entries = keptEntries(channels, kept: kept), entries.isEmpty else { continue }
      let first = resolved(channels[0])
      kept[first.space, default: []].insert(first.index)
    }
    return kept
  }

  /// The entries along an axis that stay, given the channels kept of each space; nil where all stay.
  func keptEntries(_ channels: [Channel], kept: [Int: Set<Int>]) -> [Int]? {
    guard roots(of: channels).contains(where: { kept[$0] != nil }) else { return nil }
    return channels.indices.filter { entry in
      let channel = resolved(channels[entry])
      return kept[channel.space]?.contains(channel.index) ?? true
    }
  }
}

extension [ChannelAnalysis.Channel] {
  /// Each as often as it has entries side by side.
  func repeated(each count: Int) -> Self {
    count == 1 ? self : flatMap { Array(repeating: $0, count: count) }
  }

  /// All of them again and again.
  func repeated(_ count: Int) -> Self { Array(repeatElement(self, count: count).joined()) }
}
