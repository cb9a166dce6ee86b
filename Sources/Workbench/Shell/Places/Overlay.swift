import TerminalUI

/// A place that lies over the screen and takes the keys until it closes; its value is its own state.
///
/// A new one is a folder in `Overlays` and the line of the key that opens it.
package protocol Overlay: Place {
  /// Whether a key that means nothing here closes it.
  var closesOnOtherKeys: Bool { get }

  /// Whether printable characters are text here, so that no key of the application may be one.
  var takesText: Bool { get }

  /// Edits the line of text where there is one, and returns whether the key was one for editing.
  mutating func edit(_ event: KeyEvent, _ state: inout WorkbenchState) -> Bool

  /// The mouse over the whole screen, which is the region that the overlay draws in.
  mutating func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> MouseAnswer
}

/// What an overlay makes of the mouse.
package enum MouseAnswer: Sendable, Equatable {
  case effects([Effect])
  /// As if this key had been pressed.
  case press(KeyEvent)
}

extension Overlay {
  package var closesOnOtherKeys: Bool { false }
  package var takesText: Bool { false }
  package mutating func edit(_ event: KeyEvent, _ state: inout WorkbenchState) -> Bool { false }
  package mutating func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> MouseAnswer {
    .effects([])
  }

  /// A key of this overlay. While it acts the overlay is off the screen; then it returns, unless the key closes it.
  package static func key(
    _ keys: [KeyEvent], _ name: String, _ description: String, hint: String? = nil, closes: Bool = false,
    unless refusal: @escaping @Sendable (Self, WorkbenchState) -> String? = { _, _ in nil },
    _ perform: @escaping @Sendable (inout Self, inout WorkbenchState) -> [Effect]
  ) -> Binding {
    Binding(
      keys, name, description, hint: hint,
      unless: { state in
        for case let overlay as Self in state.overlays.reversed() { return refusal(overlay, state) }
        return nil
      },
      perform: { state in state.withOverlay(Self.self, closes: closes, perform) })
  }

  /// The key that closes an overlay in which nothing is typed.
  package static var closing: Binding {
    key([.escape, "q"], "close", "Close", closes: true) { _, _ in [] }
  }

  /// A box for it, with the keys that can be used in its lower border.
  func box(_ title: String, _ size: Size, _ state: WorkbenchState) -> OverlayBox {
    OverlayBox(title: title, size: size, footer: footer(state))
  }

  /// The keys that can be used now, and what any other key does.
  func footer(_ state: WorkbenchState) -> String {
    var words = KeySection(name, bindings).hints(state).filter(\.isEnabled).map { "\($0.keys) \($0.word)" }
    if closesOnOtherKeys { words.append(words.isEmpty ? "any key closes" : "any other key closes") }
    return words.joined(separator: "  ")
  }
}

extension WorkbenchState {
  /// The overlay that takes the keys.
  package var overlay: (any Overlay)? { overlays.last }

  /// Lays an overlay over what is shown.
  package mutating func open(_ overlay: some Overlay) { overlays.append(overlay) }

  /// Changes the uppermost overlay of a kind; it is not among the overlays meanwhile, so that others can be opened.
  fileprivate mutating func withOverlay<Kind: Overlay>(
    _ kind: Kind.Type, closes: Bool, _ change: (inout Kind, inout WorkbenchState) -> [Effect]
  ) -> [Effect] {
    guard let place = overlays.lastIndex(where: { $0 is Kind }), var overlay = overlays[place] as? Kind else {
      return []
    }
    overlays.remove(at: place)
    let effects = change(&overlay, &self)
    if !closes { overlays.insert(overlay, at: min(place, overlays.count)) }
    return effects
  }
}
