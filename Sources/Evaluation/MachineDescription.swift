import Foundation
import Kernels

/// The machine that a measurement was made on, as far as it matters for comparing numbers.
package struct MachineDescription: Codable, Hashable, Sendable {
  /// The processor's own name, such as "AMD EPYC"; "unknown processor" where it tells none.
  package var processor: String
  /// The instruction set in use, such as "AVX2".
  package var featureLevel: String
  /// Cores that this process may use.
  package var cores: Int
  /// Threads in use.
  package var threads: Int
  /// Threads that share one timed run, where they are more than one.
  package var latencyThreads: Int?
  package var memoryBytes: Int

  package init(
    processor: String, featureLevel: String, cores: Int, threads: Int, latencyThreads: Int? = nil,
    memoryBytes: Int
  ) {
    self.processor = processor
    self.featureLevel = featureLevel
    self.cores = cores
    self.threads = threads
    self.latencyThreads = latencyThreads
    self.memoryBytes = memoryBytes
  }

  /// This machine with the given feature level and thread count in use.
  package static func current(
    level: CPUFeatureLevel, threads: Int, latencyThreads: Int = 1
  ) -> MachineDescription {
    let name = CPUFeatureLevel.processorName.trimmingCharacters(in: .whitespaces)
    return MachineDescription(
      processor: name.isEmpty ? "unknown processor" : name, featureLevel: level.description,
      cores: ProcessInfo.processInfo.activeProcessorCount, threads: threads,
      latencyThreads: latencyThreads > 1 ? latencyThreads : nil,
      memoryBytes: Int(clamping: ProcessInfo.processInfo.physicalMemory))
  }

  /// What measurements are filed under: two machines with the same key give comparable times.
  package var key: String {
    let shared = latencyThreads.map { " | \($0) threads a run" } ?? ""
    return "\(processor) | \(featureLevel) | \(cores) cores | \(threads) threads" + shared
  }

  /// Such as "AMD EPYC, AVX2, 2 of 2 cores, 24 GiB".
  package var summary: String {
    let gibibytes = Int((Double(memoryBytes) / 0x1p30).rounded())
    return "\(processor), \(featureLevel), \(threads) of \(cores) cores, \(gibibytes) GiB"
  }
}
