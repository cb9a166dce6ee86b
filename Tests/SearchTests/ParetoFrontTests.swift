import Evaluation
import Search
import TensorCore
import Testing

@Suite struct ParetoFrontTests {
  private func points(_ pairs: [(Double, Double)]) -> [ParetoFront.Point] {
    pairs.map { ParetoFront.Point(x: $0.0, y: $0.1) }
  }

  @Test func smallAndGoodWins() {
    let all = points([(10, 0.9), (5, 0.9), (5, 0.8), (2, 0.7), (3, 0.6), (20, 0.95)])
    #expect(ParetoFront.indices(of: all, x: .lower, y: .higher) == [3, 1, 5])
  }

  @Test func equalPointsStayTogether() {
    let all = points([(1, 1), (2, 2), (1, 1), (2, 1)])
    #expect(ParetoFront.indices(of: all, x: .lower, y: .higher) == [0, 2, 1])
  }

  @Test func undefinedPointsAreLeftOut() {
    let all = points([(.nan, 1), (1, .nan), (1, 1)])
    #expect(ParetoFront.indices(of: all, x: .lower, y: .higher) == [2])
    #expect(ParetoFront.indices(of: [], x: .lower, y: .higher).isEmpty)
  }

  /// Against the definition, for all four pairs of goals and coarse coordinates, so that ties are common.
  @Test(arguments: 0..<40) func agreesWithTheDefinition(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let count = Int(generator.next() % 60)
    let all = (0..<count).map { _ in
      ParetoFront.Point(x: Double(generator.next() % 12), y: Double(generator.next() % 12))
    }
    for x in [Figure.Better.lower, .higher] {
      for y in [Figure.Better.lower, .higher] {
        let sx = x == .lower ? 1.0 : -1
        let sy = y == .lower ? 1.0 : -1
        let expected = all.indices.filter { i in
          !all.contains { other in
            sx * other.x <= sx * all[i].x && sy * other.y <= sy * all[i].y && other != all[i]
          }
        }
        let found = ParetoFront.indices(of: all, x: x, y: y)
        #expect(found.sorted() == expected)
        #expect(zip(found, found.dropFirst()).allSatisfy { all[$0].x <= all[$1].x })
      }
    }
  }
}
