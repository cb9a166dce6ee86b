import Foundation
import Recipes

extension History {
  /// A history of the parts that fit together where the stored whole does not: variants are numbered anew, the original is
  /// added where it is missing, and of equal recipes and equal marks the first counts.
  ///
  /// - Parameters:
  ///   - rows: those that could be read, in the order of their ids.
  ///   - path: ids of rows; those that are missing are stepped over.
  ///   - cursor: a place in `path`; one beyond it stands for the nearest.
  package init(mending rows: [Variant], path: [Int], cursor: Int, created: Date) {
    var kept: [Variant] = []
    var places: [Recipe: Int] = [:]
    var numbers: [Int: Int] = [:]
    var marks = Set<Mark>()
    let original = rows.first { $0.recipe.normalized == .identity }
    for row in [original ?? Variant(id: -1, recipe: .identity, created: created)] + rows {
      let recipe = row.recipe.normalized
      if let place = places[recipe] {
        numbers[row.id] = place
        continue
      }
      let mark = row.mark.flatMap { marks.insert($0).inserted ? $0 : nil }
      (places[recipe], numbers[row.id]) = (kept.count, kept.count)
      kept.append(
        Variant(
          id: kept.count, recipe: recipe, measurement: row.measurement, created: row.created, mark: mark))
    }
    let steps = path.map { numbers[$0] }
    let reached = steps.prefix(max(0, min(cursor, steps.count - 1)) + 1).compactMap(\.self)
    let way = steps.compactMap(\.self)
    self =
      History(
        variants: kept, path: way.isEmpty ? [0] : way, cursor: max(0, reached.count - 1))
      ?? History(created: created)
  }
}
