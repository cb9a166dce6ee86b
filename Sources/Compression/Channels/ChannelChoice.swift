/// Which channels of each space stay.
struct ChannelChoice {
  /// A space whose layers all ask for removal.
  struct Candidate {
    let root: Int
    let ratio: Double
    let allocation: PruningAllocation
    /// Kept channels come in multiples of this where there are enough.
    let multiple: Int
    /// The shape of the weight that makes the channels, outputs and inputs first.
    let shape: [Int]
    let scores: [Double]
  }

  private struct Group: Hashable {
    let ratio: Double
    let allocation: PruningAllocation
  }

  /// By space, the channels that stay; spaces that keep all are left out. At least one stays of each.
  ///
  /// Spaces of one ratio share out by their allocation what goes. Multiples are the nearest to what would stay.
  static func kept(_ candidates: [Candidate]) -> [Int: Set<Int>] {
    var removed = [Int](repeating: 0, count: candidates.count)
    let groups = Dictionary(grouping: candidates.indices) {
      Group(ratio: candidates[$0].ratio, allocation: candidates[$0].allocation)
    }
    for (group, members) in groups {
      let spaces = members.map { index in
        ChannelShares.Space(shape: candidates[index].shape, scores: candidates[index].scores)
      }
      let counts = group.allocation.channels(ChannelShares(ratio: group.ratio, spaces: spaces))
      for (member, count) in zip(members, counts) { removed[member] = count }
    }
    var kept: [Int: Set<Int>] = [:]
    for (candidate, removed) in zip(candidates, removed) where removed > 0 {
      let (scores, multiple) = (candidate.scores, max(1, candidate.multiple))
      let exact = max(1, scores.count - removed)
      let stays = min(scores.count, max(1, (exact + multiple / 2) / multiple) * multiple)
      guard stays < scores.count else { continue }
      let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
      kept[candidate.root] = Set(order.dropFirst(scores.count - stays))
    }
    return kept
  }
}
