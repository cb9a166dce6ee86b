import Compression
import Recipes

extension Setting {
  /// The recipes a sweep of this knob tries: its whole range in about ten steps, everything else as it is.
  package func sweep(of recipe: Recipe, in scope: Scope) -> [Recipe] {
    let settings = recipe.settings(in: scope)
    return sweptValues.map { recipe.replacing(settings.with(self, $0), in: scope) }
  }

  /// From what keeps most of the model to what keeps least.
  private var sweptValues: [SettingValue] {
    if let options { return options.map { .word($0.label) } }
    let removed = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
    let removes = range?.contains(0) ?? true
    let values = removed.map { removes ? $0 : ((1 - $0) * 100).rounded() / 100 }
    return values.filter { range?.contains($0) ?? true }.map { .number($0) }
  }
}
