/// An entry of a list to choose from.
package struct SelectionItem: Hashable, Sendable {
  package var text: String
  /// Stands at the right: a key, or why the entry cannot be chosen.
  package var detail: String
  package var isEnabled: Bool

  package init(_ text: String, detail: String = "", isEnabled: Bool = true) {
    self.text = text
    self.detail = detail
    self.isEnabled = isEnabled
  }
}

/// Entries of which one is selected; the list scrolls to keep it in sight.
package struct SelectionList: Drawable, Hashable, Sendable {
  package private(set) var items: [SelectionItem]
  /// Nil only if there are no entries.
  package private(set) var selection: Int?

  package init(_ items: [SelectionItem], selection: Int = 0) {
    self.items = items
    self.selection = items.isEmpty ? nil : min(max(0, selection), items.count - 1)
  }

  package var selectedItem: SelectionItem? { selection.map { items[$0] } }

  /// Other entries; the selection goes to the first.
  package mutating func replace(_ items: [SelectionItem]) {
    self.items = items
    selection = items.isEmpty ? nil : 0
  }

  /// Moves the selection by a key and returns whether it was one for moving.
  package mutating func handle(_ key: KeyEvent, pageSize: Int = 10) -> Bool {
    switch key {
    case .up, .mouse(.wheelUp, _, _): move(-1)
    case .down, .mouse(.wheelDown, _, _): move(1)
    case .pageUp: move(-max(1, pageSize))
    case .pageDown: move(max(1, pageSize))
    case .home: move(-items.count)
    case .end: move(items.count)
    default: return false
    }
    return true
  }

  /// The entry drawn at a line of a region of this height.
  package func item(atY y: Int, height: Int) -> Int? {
    let index = first(height: height) + y
    return y >= 0 && y < height && index < items.count ? index : nil
  }

  package mutating func select(_ index: Int) {
    if items.indices.contains(index) { selection = index }
  }

  package func draw(on canvas: inout Canvas) {
    guard !canvas.size.isEmpty else { return }
    for (y, index) in items.indices.dropFirst(first(height: canvas.height)).prefix(canvas.height).enumerated()
    {
      let item = items[index]
      let isSelected = index == selection
      let style: CellStyle = isSelected ? .selection : item.isEnabled ? .overlay : .muted
      canvas.fill(Rect(y: y, width: canvas.width, height: 1), " ", style: style)
      if isSelected { canvas.put(canvas.glyphs.pointer, x: 0, y: y, style: style) }
      let columns = DisplayWidth.of(item.detail)
      let room = canvas.width - 2 - (columns > 0 ? columns + 1 : 0)
      if room >= 8 || columns == 0 {
        canvas.text(item.text, x: 2, y: y, width: room, style: style)
        canvas.text(
          item.detail, x: canvas.width - columns, y: y, style: isSelected ? style : .muted)
      } else {
        canvas.text(item.text, x: 2, y: y, width: canvas.width - 2, style: style)
      }
    }
  }

  private func first(height: Int) -> Int {
    guard let selection, height > 0 else { return 0 }
    return max(0, min(selection - height / 2, items.count - height))
  }

  private mutating func move(_ steps: Int) {
    selection = selection.map { min(max(0, $0 + steps), items.count - 1) }
  }
}
