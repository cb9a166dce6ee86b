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

  /// By space, the channels that stay, ascending; spaces that keep all are left out. At least one stays of each.
  ///
  /// Uniformly, each space loses its own share; otherwise spaces of one ratio and allocation lose that share of their
  /// channels together: globally by their scores over the space's mean, by LAMP by their scores over the sum of those at
  /// least as high in the space, by ERK as many as the shapes of their weights say. Multiples are the nearest to what
  /// would stay.
  static func kept(_ candidates: [Candidate]) -> [Int: [Int]] {
    var removed = [Int](repeating: 0, count: candidates.count)
    let groups = Dictionary(grouping: candidates.indices) {
      Group(ratio: candidates[$0].ratio, allocation: candidates[$0].allocation)
    }
    for (group, members) in groups {
      let counts = counts(members.map { candidates[$0] }, group)
      for (member, count) in zip(members, counts) { removed[member] = count }
    }
    var kept: [Int: [Int]] = [:]
    for (candidate, removed) in zip(candidates, removed) where removed > 0 {
      let (scores, multiple) = (candidate.scores, max(1, candidate.multiple))
      let exact = max(1, scores.count - removed)
      let stays = min(scores.count, max(1, (exact + multiple / 2) / multiple) * multiple)
      guard stays < scores.count else { continue }
      let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
      kept[candidate.root] = order.dropFirst(scores.count - stays).sorted()
    }
    return kept
  }

  /// How many channels each of some spaces loses.
  private static func counts(_ members: [Candidate], _ group: Group) -> [Int] {
    let sizes = members.map(\.scores.count)
    switch group.allocation {
    case .uniform: return sizes.map { Int((group.ratio * Double($0)).rounded()) }
    case .erk: return PruningShare.erkCounts(group.ratio, shapes: members.map(\.shape), sizes: sizes)
    case .global:
      return lowest(group.ratio, members) { scores in
        let mean = scores.reduce(0, +) / Double(max(scores.count, 1))
        return scores.map { mean > 0 ? $0 / mean : $0 }
      }
    case .lamp:
      return lowest(group.ratio, members) { scores in
        let order = scores.indices.sorted { (scores[$0], $0) > (scores[$1], $1) }
        var (result, sum) = (scores, 0.0)
        for index in order {
          sum += scores[index]
          result[index] = sum > 0 ? scores[index] / sum : 0
        }
        return result
      }
    }
  }

  /// How many channels each space loses where the lowest of all go, one of each space staying.
  private static func lowest(
    _ ratio: Double, _ members: [Candidate], weigh: ([Double]) -> [Double]
  ) -> [Int] {
    var pooled: [(score: Double, member: Int, channel: Int)] = []
    for (index, member) in members.enumerated() {
      for (channel, score) in weigh(member.scores).enumerated() { pooled.append((score, index, channel)) }
    }
    pooled.sort { ($0.score, $0.member, $0.channel) < ($1.score, $1.member, $1.channel) }
    var wanted = Int((ratio * Double(pooled.count)).rounded())
    var counts = [Int](repeating: 0, count: members.count)
    for entry in pooled where wanted > 0 {
      guard counts[entry.member] + 1 < members[entry.member].scores.count else { continue }
      counts[entry.member] += 1
      wanted -= 1
    }
    return counts
  }
}
