/// The width at which a quantized weight is stored.
package enum WeightBits: String, Sendable, Hashable, Codable, CaseIterable {
  case int8 = "8"
  case int6 = "6"
  case int5 = "5"
  case int4 = "4"
  case int3 = "3"
  case int2 = "2"
  case ternary = "1.58"
  case binary = "1"

  /// Smallest and largest code. Binary codes are -1 and +1 only, ternary -1, 0 and +1.
  package var codeRange: ClosedRange<Int> {
    switch self {
    case .int8: -128...127
    case .int6: -32...31
    case .int5: -16...15
    case .int4: -8...7
    case .int3: -4...3
    case .int2: -2...1
    case .ternary, .binary: -1...1
    }
  }

  /// Bytes that `count` codes occupy packed; five ternary codes share a byte (3^5 = 243).
  package func packedByteCount(_ count: Int) -> Int {
    switch self {
    case .int8: count
    case .int6: (count * 6 + 7) / 8
    case .int5: (count * 5 + 7) / 8
    case .int4: (count + 1) / 2
    case .int3: (count * 3 + 7) / 8
    case .int2: (count + 3) / 4
    case .ternary: (count + 4) / 5
    case .binary: (count + 7) / 8
    }
  }

  /// Bits per weight as stored: 1.6 for ternary.
  package var storedBits: Double {
    switch self {
    case .int8: 8
    case .int6: 6
    case .int5: 5
    case .int4: 4
    case .int3: 3
    case .int2: 2
    case .ternary: 1.6
    case .binary: 1
    }
  }
}
