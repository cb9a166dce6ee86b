import Compression
import Foundation
import Recipes
import Session

/// A configuration that a sweep's file has a row of, and what it was measured with.
package struct MeasuredRecipe: Decodable, Hashable, Sendable {
  package let origin: MeasurementOrigin
  package let recipe: Recipe

  package init(origin: MeasurementOrigin, recipe: Recipe) {
    self.origin = origin
    self.recipe = recipe
  }
}

/// What a sweep's file holds already.
package struct SweepRows: Sendable {
  package var measured: Set<MeasuredRecipe> = []
  /// The length up to the end of the last whole row; what follows was cut off while it was written.
  package var wholeBytes: Int
  /// Whether the last whole row lacks its line end.
  package var isLineOpen = false
  package var lineEnd = "\n"
}

/// How a sweep's results are written, and read back to resume.
package enum SweepFormat: Sendable {
  case csv(SweepTable)
  case jsonLines

  /// What a file begins with, without its line end; nil for nothing.
  package var header: String? {
    switch self {
    case .csv(let table): table.header
    case .jsonLines: nil
    }
  }

  /// A row without its line end.
  package func row(_ report: EvaluationReport) throws -> String {
    switch self {
    case .csv(let table): try table.line(report)
    case .jsonLines: try report.json(isIndented: false)
    }
  }

  /// The rows of a file, which may be empty.
  /// - Throws: `SweepFileError` where it is not one of this format.
  package func rows(in bytes: Data) throws -> SweepRows {
    if bytes.isEmpty { return SweepRows(wholeBytes: 0) }
    switch self {
    case .csv(let table): return try table.rows(in: bytes)
    case .jsonLines: return try SweepFormat.jsonRows(in: bytes)
    }
  }

  private static func jsonRows(in bytes: Data) throws -> SweepRows {
    var rows = SweepRows(wholeBytes: 0)
    var (start, number) = (0, 1)
    let all = Array(bytes)
    while let end = all[start...].firstIndex(of: UInt8(ascii: "\n")) {
      if end > start, all[end - 1] == UInt8(ascii: "\r") { rows.lineEnd = "\r\n" }
      let line = all[start..<end].filter { $0 != UInt8(ascii: "\r") }
      if !line.isEmpty {
        guard let measured = measured(line) else { throw SweepFileError.otherRow(line: number) }
        rows.measured.insert(measured)
      }
      start = end + 1
      number += 1
    }
    rows.wholeBytes = start
    guard start < all.count else { return rows }
    if let measured = measured(all[start...]) {
      rows.measured.insert(measured)
      rows.wholeBytes = all.count
      rows.isLineOpen = true
    } else if rows.measured.isEmpty {
      // Nothing shows that this was the first row of a sweep and not somebody's notes.
      throw SweepFileError.otherRow(line: number)
    }
    return rows
  }

  private static func measured(_ line: some Sequence<UInt8>) -> MeasuredRecipe? {
    try? JSONDecoder().decode(MeasuredRecipe.self, from: Data(line))
  }
}

/// Why a sweep is not resumed in a file, which then stays as it is.
package enum SweepFileError: Error, Equatable, CustomStringConvertible {
  case otherHeader(expected: String)
  case otherRow(line: Int)

  package var description: String {
    switch self {
    case .otherHeader(let expected):
      "it does not begin with this sweep's columns (\(expected.prefix(40))...), so it holds something else or a sweep "
        + "over other settings or by another version; name another file"
    case .otherRow(let line):
      "line \(line) is no row of this sweep; mend it, or name another file"
    }
  }
}
