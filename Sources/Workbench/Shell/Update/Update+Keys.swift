import Foundation
import TerminalUI

extension Update {
  /// What the person or the terminal did. The uppermost overlay is asked first, then the focus, the screen and the shell.
  func key(_ event: KeyEvent, _ state: inout WorkbenchState) -> [Effect] {
    switch event {
    case .resize(let width, let height):
      state.size = Size(width: width, height: height)
      return []
    case .paste(let text):
      return paste(text, &state)
    case .background(let isLight):
      return state.useTheme(fitting: isLight)
    case .hangup, .terminate:
      return [.save(state.history), .quit]
    case .mouse(let kind, let x, let y):
      state.notice = nil
      return mouse(MouseEvent(kind, at: Point(x: x, y: y), in: state.size), &state)
    default:
      state.notice = nil
      return press(event, &state)
    }
  }

  private func press(_ event: KeyEvent, _ state: inout WorkbenchState) -> [Effect] {
    if let binding = state.binding(for: event) { return state.perform(binding) }
    guard var overlay = state.overlays.popLast() else { return [] }
    let isEdited = overlay.edit(event, &state)
    if isEdited || !overlay.closesOnOtherKeys { state.overlays.append(overlay) }
    return []
  }

  /// Pasted text is text wherever it goes: it never works as keys.
  private func paste(_ text: String, _ state: inout WorkbenchState) -> [Effect] {
    guard state.overlay?.takesText == true, var overlay = state.overlays.popLast() else {
      state.notice = Notice("Pasted text is taken where text is typed: after : or /")
      return []
    }
    // One line of text; more was not meant for it.
    for character in text.trimmingCharacters(in: .whitespacesAndNewlines).prefix(1000) {
      _ = overlay.edit(.character(character.isNewline || character == "\t" ? " " : character), &state)
    }
    state.overlays.append(overlay)
    return []
  }

  private func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect] {
    guard var overlay = state.overlays.popLast() else {
      let body = ShellLayout(state.size).body
      return body.contains(event.point) ? state.screen.mouse(event.within(body), &state) : []
    }
    let answer = overlay.mouse(event, &state)
    state.overlays.append(overlay)
    switch answer {
    case .effects(let effects): return effects
    case .press(let key): return press(key, &state)
    }
  }
}
