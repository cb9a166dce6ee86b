import Evaluation
import TerminalUI

/// All keys of the main screen. The first binding that fits wins.
package struct Keymap: Sendable {
  package let bindings: [KeyBinding]

  package func action(for event: KeyEvent, in panel: Panel) -> Action? {
    bindings.first { $0.keys.contains(event) && ($0.panels?.contains(panel) ?? true) }?.action
  }

  /// What applies in a panel, its own keys first.
  package func bindings(in panel: Panel) -> [KeyBinding] {
    bindings.filter { $0.panels?.contains(panel) ?? false } + bindings.filter { $0.panels == nil }
  }

  package static let standard = Keymap(bindings: turning + moving + acting + showing + leaving)

  private static let turning: [KeyBinding] = [
    KeyBinding([.left, .character("h")], "← h", .turn(.down), "Turn the knob down", in: [.knobs, .layers]),
    KeyBinding([.right, .character("l")], "→ l", .turn(.up), "Turn the knob up", in: [.knobs, .layers]),
    KeyBinding([.left, .character("h")], "← h", .turn(.down), "Point to the left", in: [.pareto]),
    KeyBinding([.right, .character("l")], "→ l", .turn(.up), "Point to the right", in: [.pareto]),
    KeyBinding(
      [.shiftLeft, .character("H"), .character("_")], "Shift-← H", .turn(.coarseDown),
      "Turn down in coarse steps",
      in: [.knobs, .layers]),
    KeyBinding(
      [.shiftRight, .character("L"), .character("*")], "Shift-→ L", .turn(.coarseUp),
      "Turn up in coarse steps",
      in: [.knobs, .layers]),
    KeyBinding([.character("-")], "-", .turn(.down), "Turn the knob down", in: [.knobs, .layers]),
    KeyBinding(
      [.character("+"), .character("=")], "+", .turn(.up), "Turn the knob up", in: [.knobs, .layers]),
    KeyBinding([.character("p")], "p", .selectKnob(.prune), "The pruning knob", hint: "prune"),
    KeyBinding([.character("b")], "b", .selectKnob(.weightBits), "The weight-bits knob", hint: "bits"),
    KeyBinding([.character("B")], "B", .selectKnob(.activationBits), "The activation-bits knob"),
    KeyBinding([.character("r")], "r", .selectKnob(.rank), "The rank knob", hint: "rank"),
  ]

  private static let moving: [KeyBinding] = [
    KeyBinding([.tab], "Tab", .nextPanel, "Next panel", hint: "panel"),
    KeyBinding([.backTab], "Shift-Tab", .previousPanel, "Previous panel"),
    KeyBinding([.up, .character("k")], "↑ k", .moveUp, "Up"),
    KeyBinding([.down, .character("j")], "↓ j", .moveDown, "Down"),
    KeyBinding([.pageUp], "PgUp", .pageUp, "Ten rows up"),
    KeyBinding([.pageDown], "PgDn", .pageDown, "Ten rows down"),
    KeyBinding([.home, .character("g")], "Home g", .first, "To the first"),
    KeyBinding([.end, .character("G")], "End G", .last, "To the last"),
    KeyBinding(
      [.enter], "Enter", .confirm, "List what this knob can be set to, with sources", in: [.knobs]),
    KeyBinding(
      [.enter], "Enter", .confirm, "Turn knobs for this layer only, or for the whole model", in: [.layers]),
    KeyBinding([.enter], "Enter", .confirm, "Return to this configuration", in: [.pareto]),
    KeyBinding(
      [.character("w")], "w", .toggleScope, "Knobs turn the whole model, or the selected layer", hint: "scope"
    ),
    KeyBinding([.escape], "Esc", .cancel, "Stop the sweep, clear the filter, back to the whole model"),
  ]

  private static let acting: [KeyBinding] = [
    KeyBinding([.character("u")], "u", .undo, "Undo: back to the configuration before", hint: "undo"),
    KeyBinding([.character("U"), .control("r")], "U Ctrl-R", .redo, "Redo"),
    KeyBinding([.character("0")], "0", .reset, "Back to the original"),
    KeyBinding(
      [.character("m")], "m", .mark, "Mark this configuration with a letter, or take the mark away",
      hint: "mark"),
    KeyBinding([.character("c")], "c", .compare, "Compare the marks side by side", hint: "compare"),
    KeyBinding([.character("s")], "s", .sweep, "Sweep the selected knob over its whole range", hint: "sweep"),
    KeyBinding(
      [.character("x")], "x", .nextAxis,
      "Chart accuracy against another figure: \(Figure.axes.map(\.title).joined(separator: ", "))"),
    KeyBinding([.character("M")], "M", .measureAgain, "Measure this configuration again"),
    KeyBinding([.character("e")], "e", .export, "Export as ONNX, with the recipe beside it", hint: "export"),
  ]

  private static let showing: [KeyBinding] = [
    KeyBinding([.character("?"), .function(1)], "?", .openHelp, "Help for where you are", hint: "help"),
    KeyBinding([.character(":")], ":", .openPalette, "Command palette"),
    KeyBinding([.character("/")], "/", .openFilter, "Filter the layers"),
    KeyBinding([.character("t")], "t", .nextTheme, "Next theme"),
    KeyBinding([.character("T")], "T", .openThemes, "Choose a theme, seen live"),
    KeyBinding([.character("d")], "d", .nextMarker, "Chart dots: as the terminal can, blocks, ASCII"),
    KeyBinding([.character("z")], "z", .toggleMouse, "Capture the mouse, or let it go for selecting text"),
    KeyBinding([.control("l")], "Ctrl-L", .redraw, "Draw the screen anew"),
  ]

  private static let leaving: [KeyBinding] = [
    KeyBinding([.control("z")], "Ctrl-Z", .suspend, "To the shell; fg returns"),
    KeyBinding([.character("q"), .control("c")], "q", .quit, "Quit; the session is kept", hint: "quit"),
  ]
}
