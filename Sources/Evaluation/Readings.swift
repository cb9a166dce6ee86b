import Compression
import Foundation
import TensorCore

/// Everything known about a recipe so far, each figure with its spread and origin. Stored, shown and printed as it is.
package struct Readings: Codable, Hashable, Sendable {
  package var stage: Stage
  package var size: SizeReading
  package var latency: LatencyReading?
  package var accuracy: AccuracyReading?
  package var energy: EnergyReading?
  /// Nil where shapes depend on the data, or an operator has no count.
  package var operations: OperationReading?
  package var layers: [LayerReading]
  /// When they were measured, where an earlier session did; nil for what this one measured.
  package var measured: Date?

  package enum Stage: String, Codable, Hashable, Sendable, Comparable {
    /// Size only; latency and accuracy follow.
    case size
    /// A first value of everything.
    case first
    /// Everything measured to the end.
    case settled

    package static func < (left: Stage, right: Stage) -> Bool { left.order < right.order }
    private var order: Int {
      switch self {
      case .size: 0
      case .first: 1
      case .settled: 2
      }
    }
  }

  package init(
    stage: Stage, size: SizeReading, latency: LatencyReading? = nil, accuracy: AccuracyReading? = nil,
    energy: EnergyReading? = nil, operations: OperationReading? = nil, layers: [LayerReading] = []
  ) {
    self.stage = stage
    self.size = size
    self.latency = latency
    self.accuracy = accuracy
    self.energy = energy
    self.operations = operations
    self.layers = layers
  }
}

/// Exact bytes of all weights as stored.
package struct SizeReading: Codable, Hashable, Sendable {
  package var bytes: Int
  package var originalBytes: Int
  /// The stored bytes after deflate at level 6; nil until computed.
  package var deflatedBytes: Int?
  package var originalDeflatedBytes: Int?
  package var parameters: Int
  /// Nil in readings of earlier sessions that did not know it.
  package var originalParameters: Int?
  package var nonzeros: Int

  package init(bytes: Int, originalBytes: Int, parameters: Int, nonzeros: Int) {
    self.bytes = bytes
    self.originalBytes = originalBytes
    self.parameters = parameters
    self.nonzeros = nonzeros
  }
}

/// Time of one run, measured interleaved with the original. All in nanoseconds.
package struct LatencyReading: Codable, Hashable, Sendable {
  package var p50: Double
  package var p95: Double
  package var originalP50: Double
  package var originalP95: Double
  /// Median of original time over compressed time, pair by pair, and the 95 % interval of that median.
  package var speedup: Double
  package var speedupInterval: Interval
  package var runs: Int
  package var batch: Int
  package var threads: Int

  package init(
    p50: Double, p95: Double, originalP50: Double, originalP95: Double, speedup: Double,
    speedupInterval: Interval, runs: Int, batch: Int, threads: Int
  ) {
    self.p50 = p50
    self.p95 = p95
    self.originalP50 = originalP50
    self.originalP95 = originalP95
    self.speedup = speedup
    self.speedupInterval = speedupInterval
    self.runs = runs
    self.batch = batch
    self.threads = threads
  }
}

/// Score on evaluation data and its paired difference from the original on the same samples.
package struct AccuracyReading: Codable, Hashable, Sendable {
  package var metric: Metric
  /// A fraction.
  package var value: Double
  package var interval: Interval
  package var originalValue: Double
  package var originalInterval: Interval
  /// value - originalValue on the samples seen so far, with its 95 % interval from the discordant pairs.
  package var difference: Double
  package var differenceInterval: Interval
  /// Samples that only the original, and only the compressed model, gets right.
  package var onlyOriginalCorrect: Int
  package var onlyCompressedCorrect: Int
  package var samples: Int
  package var totalSamples: Int
  package var data: String
  /// The output that was judged, what else was found of it, and the model's other outputs; nil in readings of earlier
  /// sessions, which do not have them.
  package var output: String?
  package var asides: [AsideReading]?
  package var otherOutputs: [OutputReading]?
  /// Outputs that were not judged, in words.
  package var leftOut: [String]?

  package init(
    metric: Metric, value: Double, interval: Interval, originalValue: Double, originalInterval: Interval,
    difference: Double, differenceInterval: Interval, onlyOriginalCorrect: Int, onlyCompressedCorrect: Int,
    samples: Int, totalSamples: Int, data: String
  ) {
    self.metric = metric
    self.value = value
    self.interval = interval
    self.originalValue = originalValue
    self.originalInterval = originalInterval
    self.difference = difference
    self.differenceInterval = differenceInterval
    self.onlyOriginalCorrect = onlyOriginalCorrect
    self.onlyCompressedCorrect = onlyCompressedCorrect
    self.samples = samples
    self.totalSamples = totalSamples
    self.data = data
  }
}

/// How near an output that is not the judged one comes to the original's.
package struct OutputReading: Codable, Hashable, Sendable {
  package var output: String
  package var metric: Metric
  /// As an `AccuracyReading`'s.
  package var value: Double
  package var asides: [AsideReading]

  package init(output: String, metric: Metric, value: Double, asides: [AsideReading]) {
    self.output = output
    self.metric = metric
    self.value = value
    self.asides = asides
  }
}

/// Energy of one inference in joules, and where the figure comes from.
package struct EnergyReading: Codable, Hashable, Sendable {
  package enum Source: String, Codable, Hashable, Sendable { case measured, estimated }
  package var joules: Double
  package var originalJoules: Double
  package var source: Source
  /// "RAPL package", or the name of the operation-energy model behind an estimate.
  package var model: String

  package init(joules: Double, originalJoules: Double, source: Source, model: String) {
    self.joules = joules
    self.originalJoules = originalJoules
    self.source = source
    self.model = model
  }
}

/// Multiply-adds of one sample, exact.
package struct OperationReading: Codable, Hashable, Sendable {
  /// Of the model as it runs: structured removal and factor pairs counted as they are, the zeros of unstructured pruning
  /// counted as if they were weights.
  package var macs: Int
  package var originalMacs: Int
  /// `macs` without the zeros that the kernels at work skip.
  package var executedMacs: Int

  package init(macs: Int, originalMacs: Int, executedMacs: Int) {
    self.macs = macs
    self.originalMacs = originalMacs
    self.executedMacs = executedMacs
  }
}

/// One layer's share of size and measured time against the original.
package struct LayerReading: Codable, Hashable, Sendable {
  package var name: String
  /// Operator and shape of the original, such as "Conv 64x32x3x3".
  package var kind: String
  package var size: LayerSize
  /// Median nanoseconds per run; nil until timed.
  package var nanoseconds: Double?
  package var originalNanoseconds: Double?
  /// What runs, such as "int8 VNNI" or "sparse 91 %".
  package var kernel: String
  /// Why it did not get smaller or faster, or which setting had no effect; empty where all is as asked.
  package var remarks: [String]

  package init(
    name: String, kind: String, size: LayerSize, nanoseconds: Double? = nil,
    originalNanoseconds: Double? = nil,
    kernel: String, remarks: [String]
  ) {
    self.name = name
    self.kind = kind
    self.size = size
    self.nanoseconds = nanoseconds
    self.originalNanoseconds = originalNanoseconds
    self.kernel = kernel
    self.remarks = remarks
  }
}
