import Compression
import Session

extension WorkbenchState {
  /// Knobs turn the selected layer after the whole model, and the other way round.
  mutating func toggleScope() {
    switch scope {
    case .layer: scope = .model
    case .model: if let layer = selectedLayer { scope = .layer(layer.name) }
    }
  }

  /// Takes back the last of what narrows or binds: a sweep, the filter, the scope, the focus.
  mutating func goBack() -> [Effect] {
    if sweep != nil { return stopSweep() }
    if !self[panel: LayersPanel.self].filter.isEmpty {
      self[panel: LayersPanel.self].filter = ""
    } else if scope != .model {
      scope = .model
    } else {
      focus(on: KnobsPanel.self)
    }
    return []
  }

  /// Moves along the path of the history.
  mutating func step(_ move: (inout History) -> Void) -> [Effect] {
    endSweep("undo or redo left it")
    move(&history)
    return measureIfNeeded()
  }

  /// Marks the variant under the chart's cursor, or the current one.
  mutating func toggleMark() -> [Effect] {
    let id = self[panel: ParetoPanel.self].cursor ?? current.id
    let had = history.variants[id].mark
    let mark = history.toggleMark(of: id)
    if let had {
      notice = Notice("Mark \(had) taken away", .success)
    } else if let mark {
      notice = Notice("Marked as \(mark); c compares the marks", .success)
    } else {
      notice = Notice("All 26 letters are in use: take a mark away first", .problem)
    }
    return [.save(history)]
  }
}
