import GraphIR
import TensorCore

/// An operator that works along some axes of its first input and treats all else alike: a normalization, a reduction, a
/// pool. It can be cut along the axes in front of its rows; channels along another axis than its rows' pass.
package struct RowwiseForm: Sendable {
  package enum Result: Sendable {
    /// The shape of the first input.
    case same
    /// One element a row, whose axes stay as 1 unless the attribute `keepdims` is 0.
    case reduced
    /// Another number of elements a row, along the same axes.
    case windows
  }

  package let axes: RowAxes
  package let result: Result
  package let derivative: Derivative

  /// The axes of a node's rows, in ascending order; nil where only a run can tell, or they are wrong.
  package func axes(at site: OperatorSite) -> [Int]? {
    guard let rank = site.inputs.first.flatMap({ $0 })?.shape.rank, let found = axes.find(site, rank),
      found.allSatisfy({ (0..<rank).contains($0) })
    else { return nil }
    return found.sorted()
  }

  /// Whether the axes of the rows are missing in the output.
  package func dropsAxes(_ node: Node) -> Bool {
    switch result {
    case .same, .windows: false
    case .reduced: !axes.keepsDimensions && (node.int("keepdims") ?? 1) == 0
    }
  }

  /// The output with one element a row, the axes of which stay as 1.
  package func keptShape(_ shape: Shape, axes: [Int]) -> Shape {
    Shape(known: shape.dimensions.enumerated().map { axes.contains($0.offset) ? 1 : $0.element })
  }
}

/// Which axes a row-wise operator's rows run along, and where a node says so.
package struct RowAxes: Sendable {
  /// Where a node names the axes, for those who move them.
  package enum Place: Sendable {
    /// The attribute `axis`.
    case axis
    /// The second input where there is one, else the attribute `axes`.
    case axes
    /// Nowhere: the operator's definition does.
    case fixed
  }

  package let place: Place
  /// Whether reduced axes stay as 1 whatever `keepdims` says.
  let keepsDimensions: Bool
  let find: @Sendable (OperatorSite, _ rank: Int) -> [Int]?

  package init(
    place: Place, keepsDimensions: Bool = false,
    _ find: @escaping @Sendable (OperatorSite, _ rank: Int) -> [Int]?
  ) {
    self.place = place
    self.keepsDimensions = keepsDimensions
    self.find = find
  }

  /// The attribute `axis`.
  package static func axis(default fallback: Int) -> RowAxes {
    RowAxes(place: .axis) { site, rank in
      let axis = site.node.int("axis") ?? fallback
      return [axis < 0 ? axis + rank : axis]
    }
  }

  /// The attribute `axis` and all axes behind it.
  package static func trailing(default fallback: Int) -> RowAxes {
    RowAxes(place: .fixed) { site, rank in
      let axis = site.node.int("axis") ?? fallback
      let first = axis < 0 ? axis + rank : axis
      return first >= 0 && first <= rank ? Array(first..<rank) : nil
    }
  }

  /// The attribute `axis`, by default the last; before opset 13 all axes behind it too, by default from 1 on.
  package static let softmax = RowAxes(place: .axis) { site, rank in
    (site.opset < 13 ? trailing(default: 1) : axis(default: -1)).find(site, rank)
  }

  /// The second input, or the attribute `axes`; `fallback`, or all, where neither is given, but none where
  /// `noop_with_empty_axes` says so.
  package static func listed(default fallback: [Int]? = nil) -> RowAxes {
    RowAxes(place: .axes) { site, rank in
      let isGiven = site.inputs.indices.contains(1) && site.inputs[1] != nil
      let list = site.knownConstant(1)?.integers ?? site.node.ints("axes")
      if list == nil, isGiven { return nil }
      guard let list, !list.isEmpty else {
        return (site.node.int("noop_with_empty_axes") ?? 0) != 0 ? [] : fallback ?? Array(0..<rank)
      }
      return list.map { $0 < 0 ? $0 + rank : $0 }
    }
  }

  /// The one axis that a constant input names.
  package static func input(_ index: Int) -> RowAxes {
    RowAxes(place: .fixed) { site, rank in
      site.knownConstant(index)?.integers.first.map { [$0 < 0 ? $0 + rank : $0] }
    }
  }

  /// All but samples and channels.
  package static let spatial = RowAxes(place: .fixed, keepsDimensions: true) { _, rank in
    rank >= 2 ? Array(2..<rank) : nil
  }

  /// The axis of channels.
  package static let channels = RowAxes(place: .fixed) { _, rank in rank >= 2 ? [1] : nil }
}
