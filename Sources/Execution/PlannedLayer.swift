/// A stretch of a run that is timed on its own.
package struct PlanStep: Sendable, Hashable {
  /// Short text for people, such as "Conv+Relu".
  package let name: String
  /// Names of the graph's nodes it covers; empty for a change of layout.
  package let nodes: [String]
  /// The kernel as shown to people.
  package let kernel: String
  /// The weight layer it computes (its node's name), if any.
  package let layer: String?
}

/// How one weight layer runs.
package struct PlannedLayer: Sendable, Hashable {
  /// The layer's name: its node's.
  package let node: String
  /// Such as "int8 6x16 AVX2", "sparse 91 %" or "4-bit packed".
  package let kernel: String
  /// Rows of the matrix product: samples, positions or output pixels.
  package let rows: Int
  /// Multiply-accumulates of one run, zeros included.
  package let macs: Int
  /// Why it is not faster, where there is a reason.
  package let remark: String?
}
