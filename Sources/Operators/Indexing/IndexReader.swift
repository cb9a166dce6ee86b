import GraphIR
import TensorCore

/// Reads indices of either integer width and brings negative ones into range.
package struct IndexReader: Sendable {
  private let isLong: Bool
  private let kind: OperatorKind
  private let node: String

  /// - Throws: unless the input holds int32 or int64.
  package init(_ site: OperatorSite, input: Int) throws {
    isLong = try site.input(input, of: [.int32, .int64]).dataType == .int64
    kind = site.kind
    node = site.node.name
  }

  /// The index at `place`, in `0..<limit`.
  /// - Throws: `OperatorError.index`.
  @inline(__always)
  package func read(_ source: UnsafeRawPointer, _ place: Int, limit: Int) throws -> Int {
    let value =
      isLong
      ? Int(source.assumingMemoryBound(to: Int64.self)[place])
      : Int(source.assumingMemoryBound(to: Int32.self)[place])
    let index = value < 0 ? value + limit : value
    guard index >= 0, index < limit else {
      throw OperatorError.index(kind: kind, node: node, found: value, limit: limit)
    }
    return index
  }
}
