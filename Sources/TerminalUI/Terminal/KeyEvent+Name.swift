extension KeyEvent: ExpressibleByExtendedGraphemeClusterLiteral {
  /// "u" is the key that types a u.
  package init(extendedGraphemeClusterLiteral character: Character) { self = .character(character) }
}

extension KeyEvent {
  /// The key as help and footers write it, such as "Shift-←"; empty for what is not a key.
  package var name: String {
    switch self {
    case .character(" "): "Space"
    case .character(let character): String(character)
    case .up: "↑"
    case .down: "↓"
    case .left: "←"
    case .right: "→"
    case .shiftUp: "Shift-↑"
    case .shiftDown: "Shift-↓"
    case .shiftLeft: "Shift-←"
    case .shiftRight: "Shift-→"
    case .enter: "Enter"
    case .escape: "Esc"
    case .tab: "Tab"
    case .backTab: "Shift-Tab"
    case .backspace: "Backspace"
    case .delete: "Del"
    case .insert: "Ins"
    case .home: "Home"
    case .end: "End"
    case .pageUp: "PgUp"
    case .pageDown: "PgDn"
    case .function(let number): "F\(number)"
    case .control(let letter): "Ctrl-\(letter.uppercased())"
    case .mouse, .resize, .paste, .pasteBracket, .background, .hangup, .terminate: ""
    }
  }
}
