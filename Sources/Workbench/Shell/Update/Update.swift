import Evaluation
import Foundation
import TerminalUI

/// The application's one transition: what a message changes, and what has to be done about it.
package struct Update: Sendable {
  private let now: @Sendable () -> Date

  package init(now: @escaping @Sendable () -> Date = { Date() }) { self.now = now }

  /// The first effects of a fresh application: the current variant is measured unless it already is.
  package func start(_ state: inout WorkbenchState) -> [Effect] {
    state.now = now()
    return state.measureIfNeeded()
  }

  /// What a message changes and asks for; where it changed how the screen is set up, that is to be remembered too. A theme
  /// that is only looked at does not count.
  package func callAsFunction(_ state: inout WorkbenchState, _ message: Message) -> [Effect] {
    let before = state.choices
    let effects = answer(&state, message)
    let isLooking = state.overlay is ThemesOverlay
    return state.choices == before || isLooking ? effects : effects + [.remember(state.choices)]
  }

  private func answer(_ state: inout WorkbenchState, _ message: Message) -> [Effect] {
    state.now = now()
    switch message {
    case .key(let event):
      return key(event, &state)
    case .opened(let data, let metric):
      state.subject = state.subject.with(data, metric: metric)
    case .cannotOpen(let reason):
      state.failure = reason
      return [.quit]
    case .compressing(let request, let progress):
      if request == state.request { state.activity = .compressing(progress) }
    case .reading(let request, let measurement):
      return reading(measurement, request: request, &state)
    case .probed(let probe, let reading):
      state.sensitivity[probe] = reading
    case .probeFailed(let probe, let reason):
      state.probeFailures[probe] = reason
    case .measurementFailed(let request, let reason):
      guard request == state.request, let id = state.measuring else { return [] }
      state.failures[id] = reason
      state.activity = .failed(reason)
      state.measuring = nil
      return state.goOn()
    case .sessionFound(let history, let age, let remark):
      // Offered only while nothing was tried yet: it must not interrupt.
      guard state.history.variants.count == 1, state.overlay == nil else { return [] }
      state.open(ResumeOverlay(saved: history, age: age, remark: remark))
    case .exported(let text):
      state.notice = Notice(text, .success)
    case .notice(let text):
      state.notice = Notice(text)
    case .exportFailed(let text), .storeNotice(let text):
      state.notice = Notice(text, .problem)
    }
    return []
  }

  private func reading(_ measurement: Readings, request: Int, _ state: inout WorkbenchState) -> [Effect] {
    guard request == state.request, let id = state.measuring else { return [] }
    state.history.record(measurement, for: id)
    guard measurement.stage == .settled else {
      let seen = measurement.accuracy.map { Double($0.samples) / Double(max($0.totalSamples, 1)) } ?? 0
      state.activity = .measuring(seen)
      return []
    }
    state.measuring = nil
    return [.save(state.history)] + state.goOn()
  }
}
