import Compression
import Evaluation
import TerminalUI

/// How many rows a notice needs at a width; most fit one.
extension StatusView {
  func height(width: Int) -> Int {
    guard let notice = state.notice else { return 1 }
    return min(6, WordWrap.lines(notice.text, width: max(1, width - 2)).count)
  }
}

/// One line: a notice if there is one, else what the engine does and under which recipe.
struct StatusView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    if let notice = state.notice {
      if canvas.height > 1 { canvas.clear() }
      let area = Rect(x: 1, y: 0, width: canvas.width - 2, height: canvas.height)
      canvas.draw(TextBox(notice.text, style: notice.kind.style), in: area)
      return
    }
    canvas.text(" \(left)", width: canvas.width, style: leftStyle)
    let right = right
    let columns = DisplayWidth.of(right)
    if DisplayWidth.of(left) + columns + 3 <= canvas.width {
      canvas.text(right, x: canvas.width - columns - 1, style: .muted)
    }
  }

  private var left: String {
    if let sweep = state.sweep {
      return "sweep of \(sweep.subject): \(sweep.done) of \(sweep.total); Esc stops it"
    }
    let summary = state.recipe.summary
    if let reason = state.failure(of: state.current) { return "\(summary): failed: \(reason)" }
    switch state.activity {
    case .failed(let reason): return reason
    case .compressing(let progress):
      return "\(subject): \(progress.method), layer \(progress.index + 1) of \(progress.count) "
        + "(\(progress.layer))"
    case .measuring(let share):
      return "\(subject): measuring, \(Int((share * 100).rounded())) % of the evaluation data seen"
    case .recalled(let age): return "\(summary): settled \(age), in an earlier session"
    case .idle:
      let ineffective = ineffectiveSettings
      return ineffective.isEmpty ? "\(summary): settled" : "\(summary): \(ineffective)"
    }
  }

  /// What is being measured, where that is not what is shown: a variant left before it settled.
  private var subject: String {
    let summary = state.recipe.summary
    guard let other = state.history.variants.first(where: { $0.id == state.measuring }),
      other.id != state.current.id
    else { return summary }
    return "\(summary): settled; finishing \(other.recipe.summary)"
  }

  private var leftStyle: CellStyle {
    if state.sweep == nil, state.hasFailed(state.current) { return .bad }
    if case .failed = state.activity { return .bad }
    return .text
  }

  /// A setting that changed nothing in any layer is said to have no effect.
  private var ineffectiveSettings: String {
    guard let measurement = state.measurement, state.recipe != .identity,
      measurement.size.bytes == measurement.size.originalBytes,
      measurement.accuracy.map({ $0.onlyOriginalCorrect == 0 && $0.onlyCompressedCorrect == 0 }) ?? true
    else { return "" }
    return "no effect: as large and as accurate as the original"
  }

  private var right: String {
    guard let latency = state.measurement?.latency else { return "" }
    return "\(NumberFormat.grouped(latency.runs)) runs, batch \(latency.batch), "
      + (latency.threads == 1 ? "1 thread" : "\(latency.threads) threads")
  }
}

extension Notice.Kind {
  var style: CellStyle {
    switch self {
    case .info: .info
    case .success: .good
    case .problem: .bad
    }
  }
}
