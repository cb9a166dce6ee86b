/// A stretch of memory that a plan needs from one step to another, both inclusive.
package struct Lifetime: Sendable, Hashable {
  package let bytes: Int
  package let first: Int
  package let last: Int

  package init(bytes: Int, first: Int, last: Int) {
    self.bytes = bytes
    self.first = first
    self.last = last
  }

  package func overlaps(_ other: Lifetime) -> Bool { first <= other.last && other.first <= last }
}
