/// Which channels of each space stay.
struct ChannelChoice {
  /// A space whose layers all ask for removal.
  struct Candidate {
    let root: Int
    let ratio: Double
    let allocation: PruningAllocation
    /// Kept channels come in multiples of this where there are enough.
    let multiple: Int
    let scores: [Double]
  }

  /// By space, the channels that stay, ascending; spaces that keep all are left out. At least one stays of each.
  ///
  /// Uniformly, each space loses its own share. Globally, spaces of one ratio are compared by their scores over the
  /// space's mean, and lose that share of their channels together.
  static func kept(_ candidates: [Candidate]) -> [Int: [Int]] {
    var removed: [Int: [Int]] = [:]
    for candidate in candidates where candidate.allocation != .global {
      let order = candidate.scores.indices.sorted { (candidate.scores[$0], $0) < (candidate.scores[$1], $1) }
      let count = Int((candidate.ratio * Double(order.count)).rounded())
      removed[candidate.root] = Array(order.prefix(min(count, order.count - 1)))
    }
    let global = Dictionary(grouping: candidates.filter { $0.allocation == .global }, by: \.ratio)
    for (ratio, members) in global { removed.merge(globally(ratio, members)) { $1 } }
    var kept: [Int: [Int]] = [:]
    for candidate in candidates {
      var gone = removed[candidate.root] ?? []
      let multiple = max(1, candidate.multiple)
      let least = (candidate.scores.count - gone.count + multiple - 1) / multiple * multiple
      // The last to go come back.
      gone = Array(gone.prefix(max(0, candidate.scores.count - least)))
      guard !gone.isEmpty else { continue }
      let away = Set(gone)
      kept[candidate.root] = candidate.scores.indices.filter { !away.contains($0) }
    }
    return kept
  }

  private static func globally(_ ratio: Double, _ members: [Candidate]) -> [Int: [Int]] {
    var pooled: [(score: Double, member: Int, channel: Int)] = []
    for (index, member) in members.enumerated() {
      let mean = member.scores.reduce(0, +) / Double(max(member.scores.count, 1))
      for (channel, score) in member.scores.enumerated() {
        pooled.append((mean > 0 ? score / mean : score, index, channel))
      }
    }
    pooled.sort { ($0.score, $0.member, $0.channel) < ($1.score, $1.member, $1.channel) }
    var wanted = Int((ratio * Double(pooled.count)).rounded())
    var removed: [Int: [Int]] = [:]
    for entry in pooled where wanted > 0 {
      let member = members[entry.member]
      guard removed[member.root, default: []].count + 1 < member.scores.count else { continue }
      removed[member.root, default: []].append(entry.channel)
      wanted -= 1
    }
    return removed
  }
}
