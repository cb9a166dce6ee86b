import Foundation
import GraphIR

/// What stands beside a model and says what it is for: its task, its preprocessing, its data (card.toml).
package struct ModelCard: Sendable, Hashable {
  package var name: String
  package var title: String
  package var description: String
  package var license: String
  package var task: ModelTask
  /// How the output is judged, by the metric's key; nil for what fits the task.
  package var metric: String?
  package var input: Input
  /// The output that is judged; nil for the first that depends on the inputs.
  package var output: String?
  package var data: Data
  /// Whatever the card tells of the training, in words.
  package var training: [String: String]
  package var metrics: Metrics

  package struct Input: Sendable, Hashable {
    /// Nil for the model's only input.
    package var name: String?
    package var layout: String?
    package var preprocessing: Preprocessing
  }

  /// Paths as they stand in the card, relative to its folder.
  package struct Data: Sendable, Hashable {
    package var calibration: String?
    package var evaluation: String?
  }

  package struct Metrics: Sendable, Hashable {
    package var evaluationAccuracy: Double?
    package var evaluationSamples: Int?
    package var parameters: Int?
  }

  /// - Throws: `FormatError.invalidCard` naming the key, or what reading the file throws.
  package static func read(path: String) throws -> ModelCard {
    let file = try RegularFile(path)
    guard file.size <= byteLimit else {
      throw FormatError.tooLarge(
        file: path, part: "the card", bytes: file.size, limit: byteLimit, wayOut: "shorten it")
    }
    guard let text = String(data: try file.contents(), encoding: .utf8) else {
      throw FormatError.invalidCard(file: path, key: "the text", expected: "UTF-8", found: "other bytes")
    }
    return try ModelCard(text: text, file: path)
  }

  private static let byteLimit = 1 << 20
}
