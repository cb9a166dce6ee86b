/// What a kernel is: its arithmetic, the form it keeps weights in, and the code that runs.
///
/// Equal values run the same code on weights kept alike; how many weights there are is no part of it. What is to be
/// known of a kernel is asked here, never read from its label.
package struct KernelIdentity: Hashable, Sendable {
  package enum Arithmetic: Hashable, Sendable, CaseIterable {
    /// Floats times floats; weights kept in fewer bits are widened first.
    case float32
    /// Bytes times codes of 8 bits or fewer, in exact 32-bit sums.
    case int8
  }

  package let arithmetic: Arithmetic
  package let storage: KernelStorage
  /// Nil for a pair, whose two products have their own.
  package let code: KernelCode?

  init(_ arithmetic: Arithmetic, _ storage: KernelStorage, _ code: KernelCode?) {
    self.arithmetic = arithmetic
    self.storage = storage
    self.code = code
  }

  /// Two thin products of floats, one after the other.
  package init(pairing first: KernelIdentity, _ second: KernelIdentity) {
    self.init(.float32, .pair(first, second), nil)
  }

  /// Of kernels that multiply parts of one layer alike, such as its groups of channels: the first one's, with the mean
  /// shares of all where they keep their weights in the same form.
  /// - Parameter parts: of equal size.
  package init?(joining parts: [KernelIdentity]) {
    guard let first = parts.first else { return nil }
    let shares = parts.compactMap(\.storage.shares)
    guard shares.count == parts.count else {
      self = first
      return
    }
    func mean(_ share: (ZeroShares) -> Double) -> Double {
      shares.reduce(0) { $0 + share($1) } / Double(shares.count)
    }
    let joined = ZeroShares(zeros: mean(\.zeros), skipped: mean(\.skipped))
    self.init(first.arithmetic, first.storage.with(joined), first.code)
  }
}
