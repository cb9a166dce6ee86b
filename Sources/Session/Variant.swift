import Compression
import Evaluation
import Foundation
import Recipes

/// One recipe that was tried, with what is known of it.
package struct Variant: Codable, Hashable, Sendable, Identifiable {
  /// Place in the order of first trial, from 0 for the original.
  package let id: Int
  package let recipe: Recipe
  /// The best measurement so far; nil until the first stage is done.
  package var measurement: Readings?
  package let created: Date
  package var mark: Mark?

  package init(
    id: Int, recipe: Recipe, measurement: Readings? = nil, created: Date, mark: Mark? = nil
  ) {
    self.id = id
    self.recipe = recipe
    self.measurement = measurement
    self.created = created
    self.mark = mark
  }
}

/// A letter A to Z that a person gives a variant to find it again.
package struct Mark: Codable, Hashable, Sendable, Comparable, CaseIterable, CustomStringConvertible {
  /// 0 for A to 25 for Z.
  package let index: Int

  package static let allCases = (0..<26).map(Mark.init(unchecked:))

  /// Nil unless `letter` is one of A to Z, in either case.
  package init?(letter: Character) {
    guard let value = letter.uppercased().unicodeScalars.first?.value, (65...90).contains(value),
      letter.uppercased().unicodeScalars.count == 1
    else { return nil }
    index = Int(value) - 65
  }

  private init(unchecked index: Int) { self.index = index }

  package var letter: Character { Character(Unicode.Scalar(UInt8(65 + index))) }
  package var description: String { String(letter) }

  package static func < (a: Mark, b: Mark) -> Bool { a.index < b.index }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard text.count == 1, let letter = text.first, let mark = Mark(letter: letter) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "mark \"\(text)\" is not a letter A to Z")
    }
    self = mark
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
