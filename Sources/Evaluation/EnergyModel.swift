/// Arithmetic that a kernel performs, as far as its energy differs.
package enum ArithmeticKind: String, Codable, Hashable, Sendable, CaseIterable {
  case float32, float16, int8
}

/// Energy per operation and per byte, to estimate what cannot be measured.
package struct EnergyModel: Codable, Hashable, Sendable {
  package var name: String
  /// Picojoules of one multiply-accumulate.
  package var float32MAC: Double
  package var float16MAC: Double
  package var int8MAC: Double
  /// Picojoules to bring one byte in from the last-level cache.
  package var cacheByte: Double
  /// Picojoules to bring one byte in from main memory.
  package var memoryByte: Double
  /// Bytes that the last-level cache holds from one run to the next.
  package var cacheBytes: Int

  package init(
    name: String, float32MAC: Double, float16MAC: Double, int8MAC: Double, cacheByte: Double,
    memoryByte: Double,
    cacheBytes: Int
  ) {
    self.name = name
    self.float32MAC = float32MAC
    self.float16MAC = float16MAC
    self.int8MAC = int8MAC
    self.cacheByte = cacheByte
    self.memoryByte = memoryByte
    self.cacheBytes = cacheBytes
  }

  /// Multiply and add at 45 nm and 0.9 V (Horowitz, ISSCC 2014, doi:10.1109/ISSCC.2014.6757323, figure 1.1.9):
  /// float32 3.7 + 0.9 pJ, float16 1.1 + 0.4 pJ, int8 0.2 pJ with a 32-bit add of 0.1 pJ; 64 bits from a cache of 1 MB
  /// 100 pJ; from memory 1.3 to 2.6 nJ, of which the middle is taken.
  /// - Parameter cacheBytes: this machine's last-level cache, unless another is given.
  package static func horowitz45(cacheBytes: Int = LastLevelCache.bytes) -> EnergyModel {
    EnergyModel(
      name:
        "Horowitz 2014, 45 nm: MACs as executed, DRAM beyond \(LastLevelCache.label(cacheBytes)) of cache",
      float32MAC: 4.6, float16MAC: 1.5, int8MAC: 0.3, cacheByte: 100.0 / 8, memoryByte: 1950.0 / 8,
      cacheBytes: cacheBytes)
  }

  /// Joules of what a run does.
  package func joules(_ demand: EnergyDemand) -> Double {
    let arithmetic = demand.macs.reduce(0.0) { $0 + $1.value * picojoules($1.key) }
    return (arithmetic + Double(demand.cacheBytes) * cacheByte + Double(demand.memoryBytes) * memoryByte)
      * 1e-12
  }

  private func picojoules(_ kind: ArithmeticKind) -> Double {
    switch kind {
    case .float32: float32MAC
    case .float16: float16MAC
    case .int8: int8MAC
    }
  }
}
