import TerminalUI

/// An overlay with entries of which one is selected: by the arrows, the wheel or a click; a second click is Enter.
package protocol ListOverlay: Overlay {
  var selected: Int { get set }

  func items(_ state: WorkbenchState) -> [SelectionItem]

  /// Where the entries stand on a screen of this size.
  func listArea(_ state: WorkbenchState, in screen: Size) -> Rect

  /// Called after another entry was selected.
  func selectionChanged(_ state: inout WorkbenchState) -> [Effect]
}

extension ListOverlay {
  package func selectionChanged(_ state: inout WorkbenchState) -> [Effect] { [] }

  func list(_ state: WorkbenchState) -> SelectionList { SelectionList(items(state), selection: selected) }

  /// The keys that move the selection; those without letters leave the letters to a line of text.
  static func selecting(withLetters: Bool = true) -> [Binding] {
    let farthest = Int(Int32.max)
    let near: [(keys: [KeyEvent], name: String, description: String, offset: Int)] = [
      (withLetters ? [.up, "k"] : [.up], "up", "Entry above", -1),
      (withLetters ? [.down, "j"] : [.down], "down", "Entry below", 1),
      ([.pageUp], "page-up", "Ten entries up", -10), ([.pageDown], "page-down", "Ten entries down", 10),
    ]
    let far: [(keys: [KeyEvent], name: String, description: String, offset: Int)] = [
      ([.home, "g"], "first", "The first entry", -farthest),
      ([.end, "G"], "last", "The last entry", farthest),
    ]
    return (withLetters ? near + far : near).map { move in
      key(move.keys, move.name, move.description) { $0.select(by: move.offset, &$1) }
    }
  }

  mutating func select(by offset: Int, _ state: inout WorkbenchState) -> [Effect] {
    select(min(max(selected + offset, 0), max(items(state).count - 1, 0)), &state)
  }

  private mutating func select(_ index: Int, _ state: inout WorkbenchState) -> [Effect] {
    guard index != selected else { return [] }
    selected = index
    return selectionChanged(&state)
  }

  package mutating func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> MouseAnswer {
    switch event.kind {
    case .wheelUp: return .press(.up)
    case .wheelDown: return .press(.down)
    case .press:
      let area = listArea(state, in: event.size)
      guard area.contains(event.point),
        let index = list(state).item(atY: event.point.y - area.y, height: area.height)
      else { return .effects([]) }
      return index == selected ? .press(.enter) : .effects(select(index, &state))
    case .release, .drag, .middlePress, .rightPress: return .effects([])
    }
  }
}
