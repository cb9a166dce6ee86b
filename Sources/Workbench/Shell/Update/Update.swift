import Compression
import Evaluation
import Foundation
import Recipes
import Session
import TerminalUI

/// The application's one transition: what a message changes, and what has to be done about it.
package struct Update: Sendable {
  package let keymap: Keymap
  private let now: @Sendable () -> Date

  package init(keymap: Keymap = .standard, now: @escaping @Sendable () -> Date = { Date() }) {
    self.keymap = keymap
    self.now = now
  }

  /// The first effects of a fresh application: the current variant is measured unless it already is.
  package func start(_ state: inout WorkbenchState) -> [Effect] { measureIfNeeded(&state) }

  package func callAsFunction(_ state: inout WorkbenchState, _ message: Message) -> [Effect] {
    switch message {
    case .key(let event):
      return key(event, &state)
    case .opened(let data):
      state.subject = state.subject.with(data)
      return []
    case .cannotOpen(let reason):
      state.failure = reason
      return [.quit]
    case .compressing(let request, let progress):
      if request == state.request { state.activity = .compressing(progress) }
      return []
    case .reading(let request, let measurement):
      return reading(measurement, request: request, &state)
    case .probed(let probe, let reading):
      state.sensitivity[probe] = reading
      return []
    case .measurementFailed(let request, let reason):
      guard request == state.request else { return [] }
      state.activity = .failed(reason)
      state.measuring = nil
      return nextOfSweep(&state)
    case .sessionFound(let history, let age):
      // Offered only while nothing was tried yet: it must not interrupt.
      guard state.history.variants.count == 1, state.overlay == nil else { return [] }
      state.saved = history
      state.overlay = .resume(
        ResumeOffer(variants: history.variants.count, marks: history.marked.count, age: age))
      return []
    case .exported(let text):
      state.notice = Notice(text, .success)
      return []
    case .notice(let text):
      state.notice = Notice(text)
      return []
    case .exportFailed(let text), .storeNotice(let text):
      state.notice = Notice(text, .problem)
      return []
    }
  }

  private func key(_ event: KeyEvent, _ state: inout WorkbenchState) -> [Effect] {
    if case .resize(let width, let height) = event {
      state.size = Size(width: width, height: height)
      return []
    }
    if event == .hangup || event == .terminate { return [.save(state.history), .quit] }
    state.notice = nil
    if state.overlay != nil { return overlayKey(event, &state) }
    if case .mouse(let kind, let x, let y) = event { return mouse(kind, Point(x: x, y: y), &state) }
    guard let action = keymap.action(for: event, in: state.panel) else { return [] }
    return perform(action, &state)
  }

  // MARK: Readings

  private func reading(_ measurement: Readings, request: Int, _ state: inout WorkbenchState) -> [Effect] {
    guard request == state.request, let id = state.measuring else { return [] }
    state.history.record(measurement, for: id)
    guard measurement.stage == .settled else {
      let seen = measurement.accuracy.map { Double($0.samples) / Double(max($0.totalSamples, 1)) } ?? 0
      state.activity = .measuring(seen)
      return []
    }
    state.activity = rest(measurement)
    state.measuring = nil
    let next = nextOfSweep(&state)
    return [.save(state.history)] + (next.isEmpty ? probe(state) : next)
  }

  /// While nothing is measured, the layers are probed.
  private func probe(_ state: WorkbenchState) -> [Effect] {
    let probes = state.openProbes
    return probes.isEmpty ? [] : [.probe(probes)]
  }

  /// Measures the current variant unless its figures have settled.
  func measureIfNeeded(_ state: inout WorkbenchState) -> [Effect] {
    if state.current.measurement?.stage == .settled {
      state.measuring = nil
      state.activity = rest(state.current.measurement)
      state.request += 1
      return [.stopMeasuring] + probe(state)
    }
    return measure(state.current, &state)
  }

  /// Where nothing is left to measure: whether that is due to an earlier session.
  private func rest(_ readings: Readings?) -> Activity {
    readings?.measured.map { .recalled(age: Age.text(since: $0, now: now())) } ?? .idle
  }

  /// - Parameter again: whether what an earlier session measured does not do.
  func measure(_ variant: Variant, again: Bool = false, _ state: inout WorkbenchState) -> [Effect] {
    state.request += 1
    state.measuring = variant.id
    state.activity = .measuring(0)
    return [.measure(request: state.request, variant.recipe, again: again)]
  }

  /// Shows and measures a recipe; an earlier try of the same is taken up again.
  func visit(_ recipe: Recipe, _ state: inout WorkbenchState) -> [Effect] {
    guard recipe != state.recipe else {
      state.notice = Notice("Already at the end of this knob's range")
      return []
    }
    state.sweep = nil
    state.history.turn(to: recipe, at: now())
    return measureIfNeeded(&state)
  }

  // MARK: Sweeps

  func startSweep(_ state: inout WorkbenchState) -> [Effect] {
    let recipes = state.knob.sweep(of: state.recipe, in: state.scope)
    state.sweep = WorkbenchState.Sweep(remaining: recipes, total: recipes.count, origin: state.current.id)
    return nextOfSweep(&state)
  }

  private func nextOfSweep(_ state: inout WorkbenchState) -> [Effect] {
    while var sweep = state.sweep {
      guard !sweep.remaining.isEmpty else {
        state.sweep = nil
        state.notice = Notice(
          "Swept \(state.knob.title): \(sweep.total) configurations on the chart", .success)
        return [.save(state.history)]
      }
      let recipe = sweep.remaining.removeFirst()
      state.sweep = sweep
      let variant = state.history.add(recipe, at: now())
      if variant.measurement?.stage != .settled { return measure(variant, &state) }
    }
    return []
  }
}
