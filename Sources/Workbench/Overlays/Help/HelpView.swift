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
    introduction.flatMap { paragraph($0, width) } + sections.flatMap(keys)
      + notes.flatMap { paragraph($0, width) }
  }

  private func paragraph(_ span: Span, _ width: Int) -> [[Span]] {
    WordWrap.lines(span.text, width: width).map { [Span($0, span.style)] } + [[]]
  }

  private func keys(_ section: KeySection) -> [[Span]] {
    guard !section.rows.isEmpty else { return [] }
    return [[Span(section.name, .title)]]
      + section.rows.map { row in
        [Span(row.label.fitted(to: 14), .key), Span(row.binding.description, .overlay)]
      } + [[]]
  }
}
