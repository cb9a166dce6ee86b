import Compression
import Evaluation
import Foundation
import Recipes
import TensorCore

/// One configuration and everything measured of it, as `--json` prints it and sweeps write it. docs/json.md documents it.
///
/// Field names carry their units; figures of the original stand beside the compressed model's.
package struct EvaluationReport: Codable, Hashable, Sendable {
  package var model: String
  package var recipe: Recipe
  package var recipeSummary: String
  package var machine: MachineDescription
  package var size: Size
  package var latency: Latency?
  package var accuracy: Accuracy?
  package var energy: Energy?
  package var operations: Operations?
  package var layers: [Layer]

  package struct Size: Codable, Hashable, Sendable {
    package var bytes: Int
    package var originalBytes: Int
    package var deflatedBytes: Int?
    package var originalDeflatedBytes: Int?
    package var parameters: Int
    package var nonzeros: Int
  }

  package struct Latency: Codable, Hashable, Sendable {
    package var p50Nanoseconds: Double
    package var p95Nanoseconds: Double
    package var originalP50Nanoseconds: Double
    package var originalP95Nanoseconds: Double
    package var speedup: Double
    package var speedupInterval: [Double]
    package var runs: Int
    package var batch: Int
    package var threads: Int
  }

  package struct Accuracy: Codable, Hashable, Sendable {
    package var metric: String
    package var fraction: Double
    package var fractionInterval: [Double]
    package var originalFraction: Double
    package var originalFractionInterval: [Double]
    package var difference: Double
    package var differenceInterval: [Double]
    package var onlyOriginalCorrect: Int
    package var onlyCompressedCorrect: Int
    package var samples: Int
    package var data: String
  }

  package struct Energy: Codable, Hashable, Sendable {
    package var joules: Double
    package var originalJoules: Double
    package var source: String
    package var model: String
  }

  package struct Operations: Codable, Hashable, Sendable {
    package var macs: Int
    package var originalMacs: Int
    package var executedMacs: Int
  }

  package struct Layer: Codable, Hashable, Sendable {
    package var name: String
    package var kind: String
    package var bytes: Int
    package var originalBytes: Int
    package var nanoseconds: Double?
    package var originalNanoseconds: Double?
    package var kernel: String
    package var remarks: [String]
  }
}

extension EvaluationReport {
  package init(model: String, recipe: Recipe, machine: MachineDescription, measurement: Readings) {
    self.init(
      model: model, recipe: recipe, recipeSummary: recipe.summary, machine: machine,
      size: Size(
        bytes: measurement.size.bytes, originalBytes: measurement.size.originalBytes,
        deflatedBytes: measurement.size.deflatedBytes,
        originalDeflatedBytes: measurement.size.originalDeflatedBytes,
        parameters: measurement.size.parameters,
        nonzeros: measurement.size.nonzeros),
      latency: measurement.latency.map(Latency.init), accuracy: measurement.accuracy.map(Accuracy.init),
      energy: measurement.energy.map {
        Energy(
          joules: $0.joules, originalJoules: $0.originalJoules, source: $0.source.rawValue, model: $0.model)
      },
      operations: measurement.operations.map {
        Operations(macs: $0.macs, originalMacs: $0.originalMacs, executedMacs: $0.executedMacs)
      },
      layers: measurement.layers.map {
        Layer(
          name: $0.name, kind: $0.kind, bytes: $0.size.bytes, originalBytes: $0.size.originalBytes,
          nanoseconds: $0.nanoseconds, originalNanoseconds: $0.originalNanoseconds, kernel: $0.kernel,
          remarks: $0.remarks)
      })
  }

  /// The object on one line (for JSON lines), or indented for reading; keys in a fixed order, words joined by "_".
  package func json(isIndented: Bool) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  package init(json line: String) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(EvaluationReport.self, from: Data(line.utf8))
  }
}

extension EvaluationReport.Latency {
  fileprivate init(_ reading: LatencyReading) {
    self.init(
      p50Nanoseconds: reading.p50, p95Nanoseconds: reading.p95, originalP50Nanoseconds: reading.originalP50,
      originalP95Nanoseconds: reading.originalP95, speedup: reading.speedup,
      speedupInterval: reading.speedupInterval.bounds, runs: reading.runs, batch: reading.batch,
      threads: reading.threads)
  }
}

extension EvaluationReport.Accuracy {
  fileprivate init(_ reading: AccuracyReading) {
    self.init(
      metric: reading.metric.rawValue, fraction: reading.value, fractionInterval: reading.interval.bounds,
      originalFraction: reading.originalValue, originalFractionInterval: reading.originalInterval.bounds,
      difference: reading.difference, differenceInterval: reading.differenceInterval.bounds,
      onlyOriginalCorrect: reading.onlyOriginalCorrect, onlyCompressedCorrect: reading.onlyCompressedCorrect,
      samples: reading.samples, data: reading.data)
  }
}

extension Interval {
  fileprivate var bounds: [Double] { [low, high] }
}
