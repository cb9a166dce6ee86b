/// How a figure came about, and in how much of what.
package struct Provenance: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Counted, without error.
    case exact
    case measured
    /// By a model that `detail` names.
    case estimated
  }

  package let kind: Kind
  /// Such as "400 runs, batch 1, 1 thread"; empty where there is nothing to add.
  package let detail: String

  package static let exact = Provenance(kind: .exact, detail: "")

  package init(kind: Kind, detail: String) {
    self.kind = kind
    self.detail = detail
  }
}
