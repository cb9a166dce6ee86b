import Compression
import Foundation

extension History {
  /// Makes `recipe` the current one as the next step. A step that never got a first reading was only passed over while a
  /// knob was being turned: the new one takes its place on the path, so that undo does not stop there.
  package mutating func turn(to recipe: Recipe, at date: Date) {
    if canUndo, !hasFirstReading(current) { undo() }
    visit(recipe, at: date)
  }

  /// Files `recipe` among the variants without going there.
  /// - Returns: its variant, an earlier one where it was tried before.
  package mutating func add(_ recipe: Recipe, at date: Date) -> Variant {
    let place = (path, cursor)
    let variant = visit(recipe, at: date)
    restore(path: place.0, cursor: place.1)
    return variant
  }

  private func hasFirstReading(_ variant: Variant) -> Bool { (variant.measurement?.stage ?? .size) != .size }
}
