/// Places values in one arena so that those alive at the same time never share a byte.
///
/// Greedy by size: the largest value first, each into the smallest gap that fits between the values already placed
/// during its lifetime (Pisarchyk and Lee 2020, arXiv:2001.03288).
package struct MemoryPlanner: Sendable {
  /// Alignment of every offset.
  package static let alignment = 64

  /// Byte offsets in the order of `lifetimes`.
  package let offsets: [Int]
  package let byteCount: Int

  /// - Throws: `ExecutionError.tooMuchMemory` where the arena would exceed `limit`.
  package init(_ lifetimes: [Lifetime], limit: Int) throws(ExecutionError) {
    var offsets = [Int](repeating: 0, count: lifetimes.count)
    // Ties keep the order of first use, so that the result is the same for the same plan.
    let order = lifetimes.indices.sorted {
      (lifetimes[$1].bytes, $0) < (lifetimes[$0].bytes, $1)
    }
    var placed: [Int] = []
    var end = 0
    for index in order where lifetimes[index].bytes > 0 {
      let wanted = try MemoryPlanner.aligned(lifetimes[index].bytes, limit: limit)
      let neighbours = placed.filter { lifetimes[$0].overlaps(lifetimes[index]) }
        .map { (start: offsets[$0], end: offsets[$0] + MemoryPlanner.padded(lifetimes[$0].bytes)) }
        .sorted { $0.start < $1.start }
      let offset = MemoryPlanner.bestGap(for: wanted, between: neighbours)
      let (total, overflow) = offset.addingReportingOverflow(wanted)
      guard !overflow, total <= limit else {
        throw .tooMuchMemory(bytes: overflow ? Int.max : total, limit: limit)
      }
      offsets[index] = offset
      end = max(end, total)
      placed.append(index)
    }
    self.offsets = offsets
    byteCount = end
  }

  private static func aligned(_ bytes: Int, limit: Int) throws(ExecutionError) -> Int {
    guard bytes <= limit else { throw .tooMuchMemory(bytes: bytes, limit: limit) }
    return padded(bytes)
  }

  private static func padded(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }

  /// The start of the tightest gap of at least `bytes`, or the end of the last neighbour.
  private static func bestGap(for bytes: Int, between neighbours: [(start: Int, end: Int)]) -> Int {
    var best: (offset: Int, slack: Int)?
    var end = 0
    for neighbour in neighbours {
      let slack = neighbour.start - end - bytes
      if slack >= 0, slack < best?.slack ?? Int.max { best = (end, slack) }
      end = max(end, neighbour.end)
    }
    return best?.offset ?? end
  }
}
