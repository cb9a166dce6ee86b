import TerminalUI

/// Which columns of the table of everything tried have room. Number and recipe always stand there; of the figures those
/// that fit from the first on, or else those up to the selected one.
struct TriedLayout {
  /// Room for the longest text, and for the title in brackets with an arrow.
  private let needed: [Int]
  private let selected: Int

  /// Before the first column: the arrow at the configuration in hand, and a mark.
  static let markWidth = 3
  private static let fixed = TriedColumn.all.indices.prefix { !TriedColumn.all[$0].isFigure }

  /// - Parameters:
  ///   - cells: a row for each variant, a text for each column.
  ///   - selected: the column that has to be in sight.
  init(_ cells: [[String]], selected: Int) {
    needed = TriedColumn.all.enumerated().map { index, column in
      max(cells.map { DisplayWidth.of($0[index]) }.max() ?? 0, column.title.count + 3)
    }
    self.selected = selected
  }

  /// A recipe takes at most a third of the screen; it stands below the table in full.
  func width(_ column: Int, in width: Int) -> Int {
    switch TriedColumn.all[column] {
    case .recipe: min(needed[column], max(9, width / 3))
    case .number, .figure: needed[column]
    }
  }

  func shown(_ width: Int) -> [Int] {
    let fixed = Array(Self.fixed)
    // One cell is left for the scroll bar.
    let room = fixed.reduce(width - 1 - Self.markWidth) { $0 - self.width($1, in: width) - 1 }
    let figures = Array(TriedColumn.all.indices.dropFirst(fixed.count))
    let first = fitting(figures, in: room)
    guard figures.contains(selected), !first.contains(selected) else { return fixed + first }
    return fixed + fitting(figures.filter { $0 <= selected }.reversed(), in: room).reversed()
  }

  /// The first columns that fit, at least one.
  private func fitting(_ columns: [Int], in room: Int) -> [Int] {
    var used = 0
    let count = columns.prefix { column in
      used += needed[column] + 1
      return used <= room
    }.count
    return Array(columns.prefix(max(1, count)))
  }

  /// The column drawn at a place, as an index into `TriedColumn.all`.
  func column(atX x: Int, width: Int) -> Int? {
    var start = Self.markWidth + 1
    for column in shown(width) {
      let end = start + self.width(column, in: width)
      if (start..<end).contains(x) { return column }
      start = end + 1
    }
    return nil
  }
}
