/// How far a slow method is, for those who watch.
package struct CompressionProgress: Sendable, Hashable {
  /// The method's name in recipes.
  package let method: String
  /// The original layer taken up.
  package let layer: String
  /// How many layers are done.
  package let index: Int
  package let count: Int

  /// Called on the thread that compresses, before each layer of a slow method.
  package typealias Handler = @Sendable (CompressionProgress) -> Void

  package init(method: String, layer: String, index: Int, count: Int) {
    self.method = method
    self.layer = layer
    self.index = index
    self.count = count
  }
}
