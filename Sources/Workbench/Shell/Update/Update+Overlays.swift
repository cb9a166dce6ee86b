import Compression
import Foundation
import Session
import TerminalUI

extension Update {
  /// A key while something lies over the screen.
  func overlayKey(_ event: KeyEvent, _ state: inout WorkbenchState) -> [Effect] {
    switch event {
    case .control("c"): return perform(.quit, &state)
    case .control("z"): return [.suspend]
    case .control("l"): return [.redraw]
    default: break
    }
    switch state.overlay {
    case nil: return []
    case .help(let scroll): scrolled(event, scroll, &state) { .help(scroll: $0) }
    case .compare(let scroll): scrolled(event, scroll, &state) { .compare(scroll: $0) }
    case .filter(let line): filter(event, line, &state)
    case .palette(let line, let selected): return palette(event, line, selected, &state)
    case .themes(let selected): return themes(event, selected, &state)
    case .choices(let selected): return choices(event, selected, &state)
    case .resume: return resume(event, &state)
    }
    return []
  }

  private func scrolled(
    _ event: KeyEvent, _ scroll: Int, _ state: inout WorkbenchState, _ overlay: (Int) -> OpenOverlay
  ) {
    switch event {
    case .down, .character("j"): state.overlay = overlay(scroll + 1)
    case .up, .character("k"): state.overlay = overlay(max(0, scroll - 1))
    case .pageDown, .character(" "): state.overlay = overlay(scroll + 10)
    case .pageUp: state.overlay = overlay(max(0, scroll - 10))
    case .mouse: break
    default: state.overlay = nil
    }
  }

  private func filter(_ event: KeyEvent, _ line: InputLine, _ state: inout WorkbenchState) {
    switch event {
    case .enter: state.overlay = nil
    case .escape:
      state.layerFilter = ""
      state.overlay = nil
    default:
      var edited = line
      _ = edited.handle(event)
      state.overlay = .filter(edited)
      state.layerFilter = edited.text
    }
    state.panel = .layers
    state.layerCursor = min(state.layerCursor, max(state.visibleLayers.count - 1, 0))
  }

  private func palette(
    _ event: KeyEvent, _ line: InputLine, _ selected: Int, _ state: inout WorkbenchState
  ) -> [Effect] {
    let matches = PaletteCommand.matching(line.text)
    switch event {
    case .escape:
      state.overlay = nil
    case .up:
      state.overlay = .palette(line, selected: max(0, selected - 1))
    case .down:
      state.overlay = .palette(line, selected: min(max(matches.count - 1, 0), selected + 1))
    case .tab:
      guard matches.indices.contains(selected) else { return [] }
      state.overlay = .palette(InputLine(matches[selected].name + " "), selected: 0)
    case .enter:
      guard matches.indices.contains(selected) else {
        state.overlay = nil
        state.notice = Notice("No command \"\(line.text)\"; : lists them all", .problem)
        return []
      }
      let argument = line.text.split(separator: " ", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
      return run(matches[selected], argument.trimmingCharacters(in: .whitespaces), &state)
    default:
      var edited = line
      _ = edited.handle(event)
      state.overlay = .palette(edited, selected: 0)
    }
    return []
  }

  private func run(_ command: PaletteCommand, _ argument: String, _ state: inout WorkbenchState) -> [Effect] {
    state.overlay = nil
    switch command.run(argument, state) {
    case .action(let action): return perform(action, &state)
    case .settings(let settings):
      let recipe = state.recipe.replacing(settings, in: state.scope)
      guard recipe != state.recipe else {
        state.notice = Notice("It is so already")
        return []
      }
      return visit(recipe, &state)
    case .scope(let scope):
      state.scope = scope
      if case .layer(let name) = scope {
        state.layerFilter = ""
        state.layerCursor = state.subject.layers.firstIndex { $0.name == name } ?? 0
      }
      return []
    case .theme(let name): return use(theme: name, &state)
    case .refused(let reason):
      state.notice = Notice(reason, .problem)
      return []
    }
  }

  private func themes(_ event: KeyEvent, _ selected: Int, _ state: inout WorkbenchState) -> [Effect] {
    let names = state.appearance.themes
    func show(_ index: Int) -> [Effect] {
      guard names.indices.contains(index) else { return [] }
      state.overlay = .themes(selected: index)
      return use(theme: names[index], &state)
    }
    switch event {
    case .down, .character("j"), .character("T"): return show(min(selected + 1, names.count - 1))
    case .up, .character("k"): return show(max(selected - 1, 0))
    case .mouse: return []
    default:
      state.overlay = nil
      return []
    }
  }

  private func choices(_ event: KeyEvent, _ selected: Int, _ state: inout WorkbenchState) -> [Effect] {
    let options = state.knob.options ?? []
    switch event {
    case .down, .character("j"), .mouse(.wheelDown, _, _):
      state.overlay = .choices(selected: min(selected + 1, options.count - 1))
    case .up, .character("k"), .mouse(.wheelUp, _, _):
      state.overlay = .choices(selected: max(selected - 1, 0))
    case .home, .character("g"): state.overlay = .choices(selected: 0)
    case .end, .character("G"): state.overlay = .choices(selected: max(0, options.count - 1))
    case .enter, .character(" "):
      state.overlay = nil
      guard options.indices.contains(selected) else { return [] }
      let settings = state.settings.with(state.knob, .word(options[selected].label))
      guard settings != state.settings else { return [] }
      return visit(state.recipe.replacing(settings, in: state.scope), &state)
    case .mouse: break
    default: state.overlay = nil
    }
    return []
  }

  private func resume(_ event: KeyEvent, _ state: inout WorkbenchState) -> [Effect] {
    switch event {
    case .enter, .character("y"):
      state.overlay = nil
      guard let saved = state.saved else { return [] }
      state.history = saved
      state.saved = nil
      return [.takeUpSession] + measureIfNeeded(&state)
    case .escape, .character("n"):
      state.overlay = nil
      state.saved = nil
      return []
    case .character("q"): return perform(.quit, &state)
    default: return []
    }
  }
}
