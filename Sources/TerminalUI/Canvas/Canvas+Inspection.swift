/// What tests and dumps read.
extension Canvas {
  /// The rows of the whole frame as text, without trailing blanks.
  package var lines: [String] {
    (0..<frameSize.height).map { y in
      var line = String(row(y).filter { !$0.isContinuation }.map(\.character))
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// All rows joined by line breaks.
  package var text: String { lines.joined(separator: "\n") }

  /// The rows with their styles: under every row that has one, its runs other than plain text.
  package var dump: String {
    var result: [String] = []
    for (y, line) in lines.enumerated() {
      result.append(line)
      for run in runs(inRow: y) where run.style != .text {
        let last = run.x + run.cells.count - 1
        result.append("  ^ \(run.x)...\(last) \(run.style)")
      }
    }
    return result.joined(separator: "\n")
  }

  /// A readable account of how this frame differs from the expected one, or nil if it does not.
  ///
  /// Rows are shown with a mark under every differing column, then at most `limit` cells one by one.
  package func difference(from expected: Canvas, limit: Int = 12) -> String? {
    guard self != expected else { return nil }
    guard frameSize == expected.frameSize else {
      return "size: expected \(expected.frameSize), found \(frameSize)"
    }
    var report: [String] = []
    var cellReports: [String] = []
    var count = 0
    for y in 0..<frameSize.height {
      let wanted = expected.row(y)
      let found = row(y)
      guard wanted != found else { continue }
      let marks = zip(wanted, found).map { $0 == $1 ? " " : "^" }.joined()
      report += [
        "row \(y)", "  expected |\(expected.lines[y])", "  found    |\(lines[y])", "            \(marks)",
      ]
      for (x, pair) in zip(wanted, found).enumerated() where pair.0 != pair.1 {
        count += 1
        if count <= limit { cellReports.append("  (\(x), \(y)): expected \(pair.0), found \(pair.1)") }
      }
    }
    if count > limit { cellReports.append("  and \(count - limit) more cells") }
    return (report + cellReports).joined(separator: "\n")
  }

  func row(_ y: Int) -> ArraySlice<Cell> {
    cells[(y * frameSize.width)..<((y + 1) * frameSize.width)]
  }
}

/// Cells of one style, side by side on a row.
package struct CellRun: Equatable, Sendable {
  package let x: Int
  package let y: Int
  package let style: CellStyle
  package internal(set) var cells: [Cell]
}

extension Canvas {
  /// The row in runs of one style.
  package func runs(inRow y: Int) -> [CellRun] { runs(inRow: y) { _ in true } }

  /// What has to be drawn to turn `previous` into this frame; everything if the sizes differ.
  package func changedRuns(since previous: Canvas?) -> [CellRun] {
    guard let previous, previous.frameSize == frameSize else {
      return (0..<frameSize.height).flatMap { runs(inRow: $0) }
    }
    return (0..<frameSize.height).flatMap { y -> [CellRun] in
      let before = previous.row(y)
      let now = row(y)
      // Array slices of one shared buffer compare at once.
      guard before != now else { return [] }
      return runs(inRow: y) { index in
        // A changed half takes the whole wide character along.
        if before[index] != now[index] { return true }
        if now[index].isContinuation { return before[index - 1] != now[index - 1] }
        let next = index + 1
        return next < now.endIndex && now[next].isContinuation && before[next] != now[next]
      }
    }
  }

  private func runs(inRow y: Int, where isWanted: (Int) -> Bool) -> [CellRun] {
    var result: [CellRun] = []
    let row = row(y)
    var last = -2
    for index in row.indices where isWanted(index) {
      let cell = row[index]
      if index == last + 1, result.last?.style == cell.style {
        result[result.count - 1].cells.append(cell)
      } else {
        result.append(CellRun(x: index - row.startIndex, y: y, style: cell.style, cells: [cell]))
      }
      last = index
    }
    return result
  }
}

extension Cell: CustomStringConvertible {
  package var description: String { isContinuation ? "(right half)" : "'\(character)' \(style)" }
}

extension CellStyle: CustomStringConvertible {
  package var description: String {
    let names: [(Attributes, String)] = [
      (.bold, "bold"), (.dim, "dim"), (.underline, "underline"), (.reverse, "reverse"),
    ]
    let looks = [role.name] + names.filter { attributes.contains($0.0) }.map(\.1)
    return looks.joined(separator: "+") + (surface == .base ? "" : " on \(surface)")
  }
}
