import Compression
import Recipes
import Search
import Session

/// What carries out the effects that need the engine or the disk. Calls return at once; answers come by `post`.
package protocol WorkbenchEngine: Sendable {
  /// Cancels what is being measured and measures this, posting `.reading` again and again and `.measurementFailed` at worst.
  /// What an earlier session measured is posted at once instead, with its time, unless it is to be measured `again`.
  func measure(_ recipe: Recipe, request: Int, again: Bool, post: @escaping @Sendable (Message) -> Void)
  func stopMeasuring()
  /// Probes one after another while nothing is measured, posting `.probed` or `.probeFailed` for each; measuring ends it.
  func probe(_ probes: [SensitivityScan.Probe], post: @escaping @Sendable (Message) -> Void)
  /// Later saves go to the session that `.sessionFound` told of.
  func takeUpSession()
  func save(_ history: History, post: @escaping @Sendable (Message) -> Void)
  /// Writes the compressed model and its recipe, posting `.exported` or `.exportFailed`.
  func export(_ recipe: Recipe, post: @escaping @Sendable (Message) -> Void)
}
