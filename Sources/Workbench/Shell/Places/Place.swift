import TerminalUI

/// A part of the application that has keys of its own and draws itself: a screen, a panel of one, or an overlay.
///
/// What a place shows and does is made from its value and the state of the application; nothing else is asked.
package protocol Place: Sendable {
  /// How help calls it, such as "layers".
  var name: String { get }

  /// The keys that work here. Help, footers and the palette are made from them.
  var bindings: [Binding] { get }

  /// What help says before the keys, a paragraph each.
  func introduction(_ state: WorkbenchState) -> [Span]

  /// Draws it over the whole region of the canvas.
  func draw(_ state: WorkbenchState, on canvas: inout Canvas)
}

/// What the mouse did in a place.
package struct MouseEvent: Hashable, Sendable {
  package var kind: MouseKind
  /// Relative to the place's upper left corner; outside it where a border was hit.
  package var point: Point
  /// The place's size.
  package var size: Size

  package init(_ kind: MouseKind, at point: Point, in size: Size) {
    self.kind = kind
    self.point = point
    self.size = size
  }

  /// The same seen from a part of the place.
  package func within(_ area: Rect) -> MouseEvent {
    MouseEvent(kind, at: Point(x: point.x - area.x, y: point.y - area.y), in: area.size)
  }
}
