import CKernels

/// Instruction sets the kernels are written for, in rising order; each level includes the lower ones.
package enum CPUFeatureLevel: Int32, CaseIterable, Comparable, Sendable, CustomStringConvertible {
  /// Plain C, any processor.
  case portable = 0
  /// AVX2, FMA and F16C.
  case avx2 = 1
  /// AVX-512 F, BW, DQ and VL.
  case avx512 = 2
  /// AVX-512 with VNNI dot products.
  case avx512vnni = 3

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// The name `PARETOP_CPU` takes.
  package var name: String {
    switch self {
    case .portable: "portable"
    case .avx2: "avx2"
    case .avx512: "avx512"
    case .avx512vnni: "avx512vnni"
    }
  }

  /// The name shown to people.
  package var description: String {
    switch self {
    case .portable: "portable"
    case .avx2: "AVX2"
    case .avx512: "AVX-512"
    case .avx512vnni: "AVX-512 VNNI"
    }
  }

  /// The highest level this machine runs. Asked once: in a virtual machine the question takes microseconds.
  package static let detected = CPUFeatureLevel(rawValue: ck_feature_level()) ?? .portable

  /// Every level this machine runs, lowest first.
  package static var available: [CPUFeatureLevel] {
    let highest = detected
    return allCases.filter { $0 <= highest }
  }

  /// The level to use: the `PARETOP_CPU` entry of `environment`, else the highest detected.
  ///
  /// An empty value counts as unset; letter case does not matter.
  /// - Throws: `KernelsError` when the value names no level, or one above what the machine has.
  package static func selected(environment: [String: String]) throws(KernelsError) -> CPUFeatureLevel {
    let highest = detected
    guard let value = environment["PARETOP_CPU"], !value.isEmpty else { return highest }
    guard let level = allCases.first(where: { $0.name == value.lowercased() }) else {
      throw .unknownFeatureLevel(found: value, choices: available.map(\.name))
    }
    guard level <= highest else {
      throw .featureLevelNotAvailable(found: level.name, highest: highest.name)
    }
    return level
  }

  /// The processor's own name, such as "AMD EPYC"; empty where it tells none.
  package static var processorName: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 49) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      start.initialize(repeating: 0, count: 49)
      ck_processor_name(start, 49)
      return String(cString: start)
    }
  }
}
