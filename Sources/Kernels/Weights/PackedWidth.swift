/// The widths weights are packed at.
package enum PackedWidth: CaseIterable, Sendable, CustomStringConvertible {
  case eight, six, five, four, three, two
  /// Codes −1, 0, +1, in two bits each.
  case ternary
  /// Codes −1, +1.
  case one

  package var description: String {
    switch self {
    case .eight: "8-bit"
    case .six: "6-bit"
    case .five: "5-bit"
    case .four: "4-bit"
    case .three: "3-bit"
    case .two: "2-bit"
    case .ternary: "ternary"
    case .one: "1-bit"
    }
  }

  /// Bits one packed weight takes.
  package var bitsPerWeight: Double {
    switch self {
    case .eight: 8
    case .six: 6
    case .five: 5
    case .four: 4
    case .three: 3
    case .two, .ternary: 2
    case .one: 1
    }
  }

  /// Distinct codes.
  package var levels: Int {
    switch self {
    case .eight: 256
    case .six: 64
    case .five: 32
    case .four: 16
    case .three: 8
    case .two: 4
    case .ternary: 3
    case .one: 2
    }
  }

  /// Codes where any is negative: −2ᵇ⁻¹ ... 2ᵇ⁻¹ − 1, or −1...1.
  package var signedCodes: ClosedRange<Int16> {
    switch self {
    case .ternary, .one: -1...1
    default: Int16(-levels / 2)...Int16(levels / 2 - 1)
    }
  }

  /// Codes where none is negative.
  package var unsignedCodes: ClosedRange<Int16> { 0...Int16(levels - 1) }

  /// Blocks of k with scales of their own hold a multiple of this many.
  package static let groupSizeUnit = 32

  /// k in one group of words.
  var groupDepth: Int {
    switch self {
    case .eight: 4
    case .four: 8
    case .six, .two, .ternary: 16
    case .five, .three, .one: 32
    }
  }

  /// Words per output in one group.
  var groupPlanes: Int {
    switch self {
    case .five: 5
    case .six, .three: 3
    case .eight, .four, .two, .ternary, .one: 1
    }
  }
}
