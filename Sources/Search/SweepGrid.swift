import Compression
import Recipes

/// Every combination of a few values per setting, as recipes in a fixed order.
package struct SweepGrid: Sendable {
  /// The values of each setting that is swept.
  package let values: [Setting: [SettingValue]]
  /// What the sweep leaves as it is: all other settings, and the recipe's own layers.
  package let base: Recipe

  package static let limit = 100_000

  /// Reads the settings' values as a command line gives them: "0:0.9:0.1" (from, to, step; the end included) or a
  /// list such as "0,0.5,0.9" for a number, "32,8,4,1.58" for a choice.
  /// - Throws: `SearchError` naming the text and how to write it.
  package init(_ ranges: [Setting: String], base: Recipe = .identity) throws {
    var values: [Setting: [SettingValue]] = [:]
    var count = 1
    for setting in Setting.allCases {
      guard let text = ranges[setting] else { continue }
      let swept = try SweepRange.values(text, of: setting)
      values[setting] = swept
      let (product, overflow) = count.multipliedReportingOverflow(by: swept.count)
      guard !overflow, product <= SweepGrid.limit else {
        throw SearchError.tooMany(count: overflow ? Int.max : product, limit: SweepGrid.limit)
      }
      count = product
    }
    self.values = values
    self.base = base
  }

  /// All recipes: the first setting of the list turns fastest, the last slowest. Each recipe once.
  package var recipes: [Recipe] {
    var models = [base.model]
    for setting in Setting.allCases.reversed() {
      guard let values = values[setting] else { continue }
      models = models.flatMap { model in
        values.compactMap { value in
          var changed = model
          try? setting.set(value, in: &changed)
          return changed
        }
      }
    }
    var seen = Set<LayerSettings>()
    return models.filter { seen.insert($0).inserted }.map { Recipe(model: $0, layers: base.layers) }
  }
}
