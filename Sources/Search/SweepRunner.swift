import Compression
import Evaluation
import Recipes

/// Measures recipes one after another and hands out each result as it comes.
package struct SweepRunner: Sendable {
  package struct Result: Sendable {
    /// Place in the sweep, from 0, skipped recipes included.
    package let index: Int
    package let total: Int
    package let recipe: Recipe
    /// The settled measurement, or why this recipe has none; the sweep goes on after a failure.
    package let outcome: Swift.Result<Readings, any Error>
  }

  package let recipes: [Recipe]
  private let measure: @Sendable (Recipe) async throws -> Readings

  /// - Parameter measure: gives a recipe's settled measurement; throws `CancellationError` when cancelled.
  package init(recipes: [Recipe], measure: @escaping @Sendable (Recipe) async throws -> Readings) {
    self.recipes = recipes
    self.measure = measure
  }

  /// Results of every recipe not in `done`, in order.
  ///
  /// Cancelling the consuming task, or dropping the stream, cancels the work; the stream then just ends. It throws
  /// `CancellationError` where the measuring itself was cancelled.
  package func results(skipping done: Set<Recipe> = []) -> AsyncThrowingStream<Result, any Error> {
    AsyncThrowingStream { continuation in
      let task = Task {
        for (index, recipe) in recipes.enumerated() where !done.contains(recipe) {
          do {
            try Task.checkCancellation()
            let measurement = try await measure(recipe)
            continuation.yield(
              Result(index: index, total: recipes.count, recipe: recipe, outcome: .success(measurement)))
          } catch let error as CancellationError {
            continuation.finish(throwing: error)
            return
          } catch {
            continuation.yield(
              Result(index: index, total: recipes.count, recipe: recipe, outcome: .failure(error)))
          }
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}
