import Compression
import Evaluation
import Recipes
import Session

extension WorkbenchState {
  package var current: Variant { history.current }
  package var recipe: Recipe { history.current.recipe }
  package var measurement: Readings? { history.current.measurement }

  /// The original's variant: the identity recipe.
  package var original: Variant { history.original }

  /// What the selected knob turns.
  package var settings: LayerSettings { recipe.settings(in: scope) }
}
