import Compression
import Evaluation
import Recipes
import Session

extension WorkbenchState {
  /// Measures the current variant unless its figures have settled; then the layers are probed.
  mutating func measureIfNeeded() -> [Effect] {
    guard current.measurement?.stage == .settled else { return measure(current) }
    measuring = nil
    activity = rest(current.measurement)
    request += 1
    return [.stopMeasuring] + probe
  }

  /// What the engine does where nothing is left to measure: whether that is due to an earlier session.
  func rest(_ readings: Readings?) -> Activity {
    readings?.measured.map { .recalled(age: Age.text(since: $0, now: now)) } ?? .idle
  }

  /// - Parameter again: whether what an earlier session measured does not do.
  mutating func measure(_ variant: Variant, again: Bool = false) -> [Effect] {
    request += 1
    measuring = variant.id
    activity = .measuring(0)
    return [.measure(request: request, variant.recipe, again: again)]
  }

  /// What can be asked of the layers while nothing is measured.
  var probe: [Effect] {
    let probes = openProbes
    return probes.isEmpty ? [] : [.probe(probes)]
  }

  /// Shows and measures a recipe; an earlier try of the same is taken up again. Does nothing where it is shown already.
  mutating func visit(_ recipe: Recipe) -> [Effect] {
    guard recipe != self.recipe else { return [] }
    sweep = nil
    history.turn(to: recipe, at: now)
    return measureIfNeeded()
  }

  // MARK: Sweeps

  mutating func startSweep() -> [Effect] {
    let recipes = knob.sweep(of: recipe, in: scope)
    sweep = Sweep(remaining: recipes, total: recipes.count)
    return nextOfSweep()
  }

  mutating func stopSweep() -> [Effect] {
    guard let stopped = sweep else { return [] }
    sweep = nil
    notice = Notice("Sweep stopped after \(stopped.done) of \(stopped.total)")
    return measureIfNeeded()
  }

  /// Measures the next recipe of a sweep under way whose figures have not settled.
  mutating func nextOfSweep() -> [Effect] {
    while var sweep {
      guard !sweep.remaining.isEmpty else {
        self.sweep = nil
        notice = Notice("Swept \(knob.title): \(sweep.total) configurations on the chart", .success)
        return [.save(history)]
      }
      let recipe = sweep.remaining.removeFirst()
      self.sweep = sweep
      let variant = history.add(recipe, at: now)
      if variant.measurement?.stage != .settled { return measure(variant) }
    }
    return []
  }
}
