import Evaluation

/// Which of many points nobody else beats in both coordinates at once.
package enum ParetoFront {
  package struct Point: Hashable, Sendable {
    package var x: Double
    package var y: Double

    package init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// Indices of the points that no other point dominates, in rising x, equal points in their own order.
  ///
  /// A point dominates another where it is at least as good in both coordinates and better in one; equal points
  /// therefore stay together. Points with an undefined coordinate are left out. O(n log n).
  package static func indices(of points: [Point], x xBetter: Figure.Better, y yBetter: Figure.Better) -> [Int]
  {
    let xSign = xBetter == .lower ? 1.0 : -1.0
    let ySign = yBetter == .lower ? 1.0 : -1.0
    let order = points.indices
      .filter { !points[$0].x.isNaN && !points[$0].y.isNaN }
      .sorted { a, b in
        let (p, q) = (points[a], points[b])
        if p.x != q.x { return xSign * p.x < xSign * q.x }
        if p.y != q.y { return ySign * p.y < ySign * q.y }
        return a < b
      }
    var front: [Int] = []
    var last: Point?
    for index in order {
      let point = points[index]
      // Sorted best x first: a point is on the front where its y is better than every earlier one.
      if let best = last, point != best, ySign * point.y >= ySign * best.y { continue }
      front.append(index)
      last = point
    }
    return front.sorted { (points[$0].x, $0) < (points[$1].x, $1) }
  }
}
