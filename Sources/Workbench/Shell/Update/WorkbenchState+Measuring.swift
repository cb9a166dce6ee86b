import Compression
import Evaluation
import Recipes
import Session

extension WorkbenchState {
  /// Measures the current variant unless its figures have settled; then what else is open.
  mutating func measureIfNeeded() -> [Effect] {
    guard current.isSettled else { return measure(current) }
    measuring = nil
    activity = rest
    request += 1
    return [.stopMeasuring] + goOn()
  }

  /// What follows where nothing is measured: the rest of a sweep, the current variant, those that were left before they
  /// settled, and what the layers alone suffer. What failed is not tried again.
  mutating func goOn() -> [Effect] {
    if sweep != nil, let next = nextOfSweep() { return measure(next) }
    let isSwept = sweep != nil
    if isSwept { endSweep("the whole range was tried") }
    let saving: [Effect] = isSwept ? [.save(history)] : []
    if let next = unsettled { return saving + measure(next) }
    if !hasFailed(current) { activity = rest }
    return saving + probe
  }

  /// The variant to be measured next where no sweep goes on: the current one, or the last that was seen and left.
  private var unsettled: Variant? {
    let left = history.variants.last { $0.measurement?.stage == .first && !hasFailed($0) }
    return current.isSettled || hasFailed(current) ? left : current
  }

  /// What the engine does where nothing is left to measure: whether that is due to an earlier session.
  private var rest: Activity {
    current.measurement?.measured.map { .recalled(age: Age.text(since: $0, now: now)) } ?? .idle
  }

  /// - Parameter again: whether what an earlier session measured does not do.
  mutating func measure(_ variant: Variant, again: Bool = false) -> [Effect] {
    request += 1
    measuring = variant.id
    failures[variant.id] = nil
    activity = .measuring(0)
    return [.measure(request: request, variant.recipe, again: again)]
  }

  /// What can be asked of the layers while nothing is measured.
  private var probe: [Effect] {
    let probes = openProbes
    return probes.isEmpty ? [] : [.probe(probes)]
  }

  /// Shows and measures a recipe; an earlier try of the same is taken up again. Does nothing where it is shown already.
  mutating func visit(_ recipe: Recipe) -> [Effect] {
    guard recipe != self.recipe else { return [] }
    endSweep("another configuration was asked for")
    history.turn(to: recipe, at: now)
    return measureIfNeeded()
  }
}

extension WorkbenchState {
  /// Why a variant could not be measured.
  package func failure(of variant: Variant) -> String? { failures[variant.id] }

  func hasFailed(_ variant: Variant) -> Bool { failures[variant.id] != nil }
}

extension Variant {
  /// Whether it was measured to the end.
  package var isSettled: Bool { measurement?.stage == .settled }
}
