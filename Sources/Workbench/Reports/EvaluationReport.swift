import Compression
import Evaluation
import Foundation
import Recipes
import Session

/// One configuration and everything measured of it, as `--json` prints it and sweeps write it. docs/json.md documents it.
///
/// Field names carry their units; figures of the original stand beside the compressed model's.
package struct EvaluationReport: Sendable {
  package var model: String
  package var recipe: Recipe
  package var machine: MachineDescription
  package var origin: MeasurementOrigin
  package var readings: Readings

  package init(
    model: String, recipe: Recipe, machine: MachineDescription, origin: MeasurementOrigin, readings: Readings
  ) {
    self.model = model
    self.recipe = recipe
    self.machine = machine
    self.origin = origin
    self.readings = readings
  }

  /// The object on one line (for JSON lines), or indented for reading; keys in a fixed order, words joined by "_".
  package func json(isIndented: Bool) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension EvaluationReport: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: FieldKey.self)
    try container.encode(model, forKey: "model")
    try container.encode(recipe, forKey: "recipe")
    try container.encode(recipe.summary, forKey: "recipe_summary")
    try container.encode(machine, forKey: "machine")
    try container.encode(origin, forKey: "origin")
    for figure in Figure.all {
      for field in figure.fields {
        guard let name = field.name, let value = field.read(readings) else { continue }
        // Figures of one group share its object.
        var group = container.nestedContainer(keyedBy: FieldKey.self, forKey: FieldKey(figure.group))
        try group.encode(value, forKey: FieldKey(name))
      }
    }
    try container.encode(readings.layers.map(Layer.init), forKey: "layers")
  }

  private struct Layer: Encodable {
    let name: String
    let kind: String
    let bytes: Int
    let originalBytes: Int
    let nanoseconds: Double?
    let originalNanoseconds: Double?
    let kernel: String
    let remarks: [String]

    init(_ reading: LayerReading) {
      name = reading.name
      kind = reading.kind
      bytes = reading.size.bytes
      originalBytes = reading.size.originalBytes
      nanoseconds = reading.nanoseconds
      originalNanoseconds = reading.originalNanoseconds
      kernel = reading.kernel
      remarks = reading.remarks
    }
  }
}

/// A name as figures give it.
private struct FieldKey: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init(stringLiteral name: String) { stringValue = name }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
