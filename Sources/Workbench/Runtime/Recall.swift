import Evaluation
import Foundation
import Recipes
import Session
import Synchronization

/// What earlier sessions measured of this model, from the moment on at which it is known which model it is.
final class Recall: Sendable {
  private let place = Mutex<(store: SessionStore, context: MeasurementContext)?>(nil)

  func begin(with store: SessionStore, _ context: MeasurementContext) {
    place.withLock { $0 = (store, context) }
  }

  func readings(of recipe: Recipe) async -> Readings? {
    guard let (store, context) = place.withLock({ $0 }) else { return nil }
    return await store.readings(of: recipe, in: context)
  }

  func remember(_ readings: Readings, of recipe: Recipe) async {
    guard let (store, context) = place.withLock({ $0 }) else { return }
    await store.remember(readings, of: recipe, in: context, at: Date())
  }
}
