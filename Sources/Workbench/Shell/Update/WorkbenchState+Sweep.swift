import Compression
import Recipes
import Session

extension WorkbenchState {
  mutating func startSweep() -> [Effect] {
    let recipes = knob.sweep(of: recipe, in: scope)
    sweep = Sweep(subject: sweepSubject, remaining: recipes, total: recipes.count)
    return goOn()
  }

  mutating func stopSweep() -> [Effect] {
    guard sweep != nil else { return [] }
    endSweep("Esc stopped it")
    return measureIfNeeded()
  }

  /// Takes the next recipe of the sweep that has not settled; nil where none is left.
  mutating func nextOfSweep() -> Variant? {
    while let recipe = sweep?.remaining.first {
      sweep?.remaining.removeFirst()
      let variant = history.add(recipe, at: now)
      sweep?.tried.append(variant.id)
      if !variant.isSettled { return variant }
    }
    return nil
  }

  /// Tells what a sweep came to, and what ended it. Does nothing where there is none.
  mutating func endSweep(_ reason: String) {
    guard let ended = sweep else { return }
    sweep = nil
    let failed = ended.tried.count { failures[$0] != nil }
    let settled = ended.tried.count { history.variants[$0].isSettled }
    let count = "\(settled + failed) of \(ended.total) configurations tried"
    let missing = failed == 0 ? "" : ", \(failed) could not be measured (n tells why)"
    notice = Notice(
      "Sweep of \(ended.subject): \(count)\(missing); \(reason)", failed == 0 ? .success : .problem)
  }

  /// Such as "prune, whole model, beside W8": what turns, where, and what stays.
  private var sweepSubject: String {
    let place =
      switch scope {
      case .model: "whole model"
      case .layer(let name): LayerName.short(name)
      }
    var others = recipe
    others = others.replacing(settings.with(knob, knob.standard), in: scope)
    let beside = others == .identity ? "" : ", beside \(others.summary)"
    return "\(knob.title), \(place)\(beside)"
  }
}
