import Compression
import Recipes
import Session
import TerminalUI

extension Update {
  /// Does what a key, a click or a palette command asks for.
  package func perform(_ action: Action, _ state: inout WorkbenchState) -> [Effect] {
    switch action {
    case .nextPanel: focus(state.panel.next, &state)
    case .previousPanel: focus(state.panel.previous, &state)
    case .moveUp: return move(by: -1, &state)
    case .moveDown: return move(by: 1, &state)
    case .pageUp: return move(by: -10, &state)
    case .pageDown: return move(by: 10, &state)
    case .first: return move(by: state.panel == .pareto ? farthest : -farthest, &state)
    case .last: return move(by: state.panel == .pareto ? -farthest : farthest, &state)
    case .turn(let turn): return self.turn(turn, &state)
    case .selectKnob(let knob): state.knob = knob
    case .toggleScope: toggleScope(&state)
    case .confirm: return confirm(&state)
    case .cancel: return cancel(&state)
    case .undo: return step(\.canUndo, { $0.undo() }, "Nothing to undo", &state)
    case .redo: return step(\.canRedo, { $0.redo() }, "Nothing to redo", &state)
    case .reset:
      guard state.recipe != .identity else {
        state.notice = Notice("This is the original")
        return []
      }
      return visit(.identity, &state)
    case .mark: return mark(&state)
    case .compare: state.overlay = .compare(scroll: 0)
    case .nextAxis: state.axis = state.nextAxis
    case .chart(let figure): state.axis = figure
    case .sweep: return startSweep(&state)
    case .openPalette: state.overlay = .palette(InputLine(), selected: 0)
    case .openFilter: state.overlay = .filter(InputLine(state.layerFilter))
    case .openHelp: state.overlay = .help(scroll: 0)
    case .openThemes: openThemes(&state)
    case .nextTheme: return nextTheme(&state)
    case .nextMarker: state.appearance.marker = state.appearance.marker.next
    case .toggleMouse: return toggleMouse(&state)
    case .export: return [.export(state.recipe)]
    case .measureAgain: return measure(state.current, again: true, &state)
    case .suspend: return [.suspend]
    case .redraw: return [.redraw]
    case .quit: return [.save(state.history), .quit]
    }
    return []
  }

  private func focus(_ panel: Panel, _ state: inout WorkbenchState) {
    state.panel = panel
    state.chartCursor = panel == .pareto ? state.current.id : nil
  }

  // MARK: Knobs

  private func turn(_ turn: Turn, _ state: inout WorkbenchState) -> [Effect] {
    if state.panel == .pareto { return moveChartCursor(by: turn.direction, &state) }
    return visit(state.recipe.turning(state.knob, turn, in: state.scope), &state)
  }

  private func toggleScope(_ state: inout WorkbenchState) {
    switch state.scope {
    case .layer: state.scope = .model
    case .model: if let layer = state.selectedLayer { state.scope = .layer(layer.name) }
    }
  }

  // MARK: Movement

  private var farthest: Int { Int(Int32.max) }

  private func move(by offset: Int, _ state: inout WorkbenchState) -> [Effect] {
    switch state.panel {
    case .knobs:
      let knobs = Setting.allCases
      let index = (knobs.firstIndex(of: state.knob) ?? 0) + offset
      state.knob = knobs[min(max(index, 0), knobs.count - 1)]
    case .layers:
      state.layerCursor = min(max(state.layerCursor + offset, 0), max(state.visibleLayers.count - 1, 0))
      if case .layer = state.scope, let layer = state.selectedLayer { state.scope = .layer(layer.name) }
    case .pareto:
      // Up means more accurate, which on a front lies to the right.
      return moveChartCursor(by: -offset, &state)
    }
    return []
  }

  /// Points are walked from left to right, whatever the order in which they were tried.
  private func moveChartCursor(by offset: Int, _ state: inout WorkbenchState) -> [Effect] {
    let ordered = state.plotted.sorted { (state.chartX($0) ?? 0, $0.id) < (state.chartX($1) ?? 0, $1.id) }
    guard !ordered.isEmpty else { return [] }
    let index = ordered.firstIndex { $0.id == state.chartCursor } ?? 0
    state.chartCursor = ordered[min(max(index + offset, 0), ordered.count - 1)].id
    return []
  }

  private func confirm(_ state: inout WorkbenchState) -> [Effect] {
    switch state.panel {
    case .knobs:
      if state.knob.options != nil { state.overlay = .choices(selected: state.selectedChoice) }
      return []
    case .layers:
      toggleScope(&state)
      return []
    case .pareto:
      guard let id = state.chartCursor, let variant = state.history.variants.first(where: { $0.id == id })
      else { return [] }
      return variant.recipe == state.recipe ? [] : visit(variant.recipe, &state)
    }
  }

  private func cancel(_ state: inout WorkbenchState) -> [Effect] {
    if let sweep = state.sweep {
      state.sweep = nil
      state.notice = Notice("Sweep stopped after \(sweep.done) of \(sweep.total)")
      return measureIfNeeded(&state)
    }
    if !state.layerFilter.isEmpty {
      state.layerFilter = ""
    } else if state.scope != .model {
      state.scope = .model
    } else {
      focus(.knobs, &state)
    }
    return []
  }

  // MARK: History

  private func step(
    _ isPossible: KeyPath<History, Bool>, _ move: (inout History) -> Void, _ refusal: String,
    _ state: inout WorkbenchState
  ) -> [Effect] {
    state.sweep = nil
    guard state.history[keyPath: isPossible] else {
      state.notice = Notice(refusal)
      return []
    }
    move(&state.history)
    return measureIfNeeded(&state)
  }

  private func mark(_ state: inout WorkbenchState) -> [Effect] {
    let id = state.panel == .pareto ? state.chartCursor ?? state.current.id : state.current.id
    let had = state.history.variants[id].mark
    let mark = state.history.toggleMark(of: id)
    if let had {
      state.notice = Notice("Mark \(had) taken away", .success)
    } else if let mark {
      state.notice = Notice("Marked as \(mark); c compares the marks", .success)
    } else {
      state.notice = Notice("All 26 letters are in use: take a mark away first", .problem)
    }
    return [.save(state.history)]
  }

  // MARK: Appearance

  private func openThemes(_ state: inout WorkbenchState) {
    let selected = state.appearance.themes.firstIndex(of: state.appearance.theme) ?? 0
    state.overlay = .themes(selected: selected)
  }

  private func nextTheme(_ state: inout WorkbenchState) -> [Effect] {
    let themes = state.appearance.themes
    guard !themes.isEmpty else { return [] }
    let next = ((themes.firstIndex(of: state.appearance.theme) ?? -1) + 1) % themes.count
    return use(theme: themes[next], &state)
  }

  func use(theme: String, _ state: inout WorkbenchState) -> [Effect] {
    state.appearance.theme = theme
    state.notice = Notice("Theme \(theme)")
    return [.setTheme(theme)]
  }

  private func toggleMouse(_ state: inout WorkbenchState) -> [Effect] {
    state.appearance.capturesMouse.toggle()
    state.notice = Notice(
      state.appearance.capturesMouse
        ? "Mouse: clicks go to paretop" : "Mouse: let go, so that text can be selected")
    return [.captureMouse(state.appearance.capturesMouse)]
  }
}
