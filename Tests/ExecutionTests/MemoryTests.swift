import Execution
import TensorCore
import Testing

@Suite struct MemoryTests {
  @Test(arguments: 0..<40) func valuesAliveTogetherNeverShareBytes(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let lifetimes = (0..<Int.random(in: 1...60, using: &random)).map { _ in
      let first = Int.random(in: 0...40, using: &random)
      return Lifetime(
        bytes: Int.random(in: 0...5000, using: &random), first: first,
        last: first + Int.random(in: 0...10, using: &random))
    }
    let plan = try MemoryPlanner(lifetimes, limit: 1 << 30)
    for left in lifetimes.indices {
      #expect(plan.offsets[left] % MemoryPlanner.alignment == 0)
      #expect(plan.offsets[left] + lifetimes[left].bytes <= plan.byteCount)
      for right in lifetimes.indices where left < right && lifetimes[left].overlaps(lifetimes[right]) {
        let apart =
          plan.offsets[left] + lifetimes[left].bytes <= plan.offsets[right]
          || plan.offsets[right] + lifetimes[right].bytes <= plan.offsets[left]
          || lifetimes[left].bytes == 0 || lifetimes[right].bytes == 0
        #expect(apart, "\(left) and \(right) overlap")
      }
    }
    let sum = lifetimes.reduce(0) { $0 + ($1.bytes + 63) / 64 * 64 }
    #expect(plan.byteCount <= sum)
  }

  @Test func aChainNeedsTwoBuffersOnly() throws {
    let lifetimes = (0..<20).map { Lifetime(bytes: 1000, first: $0, last: $0 + 1) }
    #expect(try MemoryPlanner(lifetimes, limit: 1 << 20).byteCount == 2048)
  }

  @Test func memoryBeyondTheLimitIsRefused() {
    let lifetimes = [Lifetime(bytes: 900, first: 0, last: 1), Lifetime(bytes: 900, first: 1, last: 2)]
    #expect(throws: ExecutionError.tooMuchMemory(bytes: 1920, limit: 1800)) {
      try MemoryPlanner(lifetimes, limit: 1800)
    }
    #expect(throws: ExecutionError.tooMuchMemory(bytes: Int.max, limit: 1800)) {
      try MemoryPlanner([Lifetime(bytes: Int.max, first: 0, last: 0)], limit: 1800)
    }
  }

  @Test(arguments: 0..<8) func plansOfNetworksNeverOverlap(seed: Int) throws {
    let network = RandomNetwork.make(seed: UInt64(seed))
    let plan = try ExecutionPlan(graph: network.graph)
    let regions = plan.regions
    for (index, left) in regions.enumerated() {
      #expect(left.offset + left.lifetime.bytes <= plan.arenaBytes)
      for right in regions[(index + 1)...] where left.lifetime.overlaps(right.lifetime) {
        #expect(
          left.offset + left.lifetime.bytes <= right.offset
            || right.offset + right.lifetime.bytes <= left.offset,
          "\(left.name) and \(right.name)")
      }
    }
  }
}
