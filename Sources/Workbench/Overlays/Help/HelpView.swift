import TerminalUI

/// What help says: the place's introduction, the keys from the nearest place to those that work everywhere, and the notes.
struct HelpView: ScrolledLines {
  /// The name of the place that help is about.
  let place: String
  private let introduction: [Span]
  private let sections: [KeySection]
  private let notes: [Span]

  init(_ state: WorkbenchState) {
    let beneath = state.overlays.dropLast().last
    let places: [any Place] = beneath.map { [$0] } ?? [state.screen.focus, state.screen].compactMap(\.self)
    place = places[0].name
    introduction = places.flatMap { $0.introduction(state) }
    sections = state.keySections(under: beneath)
    notes = beneath == nil ? state.screen.notes : []
  }

  func size(in screen: Size) -> Size { Size(width: min(78, screen.width - 6), height: screen.height - 4) }

  func lines(width: Int) -> [[Span]] {
    var text = TextLines(width: width)
    for span in introduction { text.paragraph(span.text, span.style) }
    for section in sections where !section.rows.isEmpty {
      text.heading(section.name)
      for row in section.rows {
        text.entry(Span(row.label, .key), row.binding.description, columns: 14)
      }
    }
    for span in notes { text.paragraph(span.text, span.style) }
    return text.lines
  }
}
