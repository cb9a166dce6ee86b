import GraphIR
import TensorCore

/// One spatial axis of a convolution or pool: sizes, and how the window moves over it.
struct SpatialAxis: Sendable {
  var input: Int
  var output = 1
  var kernel = 1
  var stride = 1
  var dilation = 1
  var padBegin = 0
  var padEnd = 0

  /// From the window's first place to its last, both included.
  var extent: Int { (kernel - 1) * dilation + 1 }

  /// The window places that fall inside the input when the window stands at output `position`.
  func inside(_ position: Int) -> Range<Int> {
    let start = position * stride - padBegin
    let first = start >= 0 ? 0 : (-start + dilation - 1) / dilation
    let last = input > start ? (input - start + dilation - 1) / dilation : 0
    let end = min(last, kernel)
    return min(first, end)..<end
  }

  /// How many window places fall inside the padded input.
  func insidePadded(_ position: Int) -> Int {
    let start = position * stride
    let padded = input + padBegin + padEnd
    return min(kernel, padded > start ? (padded - start + dilation - 1) / dilation : 0)
  }

  /// The input index under window place `place` at output `position`; outside the input where padding is.
  func index(_ position: Int, _ place: Int) -> Int { position * stride + place * dilation - padBegin }
}

/// How the output's size is rounded where the stride does not divide.
enum WindowRounding: Sendable {
  case down
  /// Up, without windows that would start beyond the input and its leading padding. A window may be larger than the
  /// padded input by less than a stride: it then stands once, and what is beyond counts as padding does.
  case up
}

extension OperatorSite {
  /// The spatial axes of a window with the kernel `kernel` over `input`, from strides, dilations, pads and auto_pad.
  /// - Throws: for sizes that are not positive, too large, or a window larger than the padded input.
  func window(over input: [Int], kernel: [Int], rounding: WindowRounding = .down) throws -> [SpatialAxis] {
    let rank = input.count
    let limit = Self.magnitudeLimit
    guard kernel.count == rank, kernel.allSatisfy({ (1...limit).contains($0) }) else {
      throw attributeError("kernel_shape", expected: "\(rank) positive integers", found: "\(kernel)")
    }
    let strides = try ints("strides", count: rank, in: 1...limit, default: 1)
    let dilations = try ints("dilations", count: rank, in: 1...limit, default: 1)
    let mode = try autoPad()
    let pads = try ints("pads", count: 2 * rank, in: 0...limit, default: 0)
    return try (0..<rank).map { axis in
      var result = SpatialAxis(
        input: input[axis], kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis])
      switch mode {
      case .explicit: (result.padBegin, result.padEnd) = (pads[axis], pads[axis + rank])
      case .valid: break
      case .sameUpper, .sameLower:
        result.output = (result.input + result.stride - 1) / result.stride
        let total = max(0, (result.output - 1) * result.stride + result.extent - result.input)
        let small = total / 2
        result.padBegin = mode == .sameUpper ? small : total - small
        result.padEnd = total - result.padBegin
        return result
      }
      let room = result.input + result.padBegin + result.padEnd - result.extent
      let least = rounding == .up ? 1 - result.stride : 0
      guard room >= least, result.input > 0 else {
        throw inputError(
          0, expected: "at least as large as the window (\(result.extent) along axis \(axis + 2))")
      }
      result.output = room / result.stride + 1
      if rounding == .up, room > 0, room % result.stride != 0,
        result.output * result.stride < result.input + result.padBegin
      {
        result.output += 1
      }
      return result
    }
  }

  /// How padding is chosen.
  func autoPad() throws -> AutoPad {
    switch try string(
      "auto_pad", default: "NOTSET", choices: ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"])
    {
    case "VALID": .valid
    case "SAME_UPPER": .sameUpper
    case "SAME_LOWER": .sameLower
    default: .explicit
    }
  }
}

/// Padding by the attribute `pads`, none, or so that the output's size is the input's divided by the stride.
enum AutoPad: Sendable { case explicit, valid, sameUpper, sameLower }

extension Array where Element == SpatialAxis {
  /// Exactly three axes: missing ones in front have size 1.
  var asVolume: (depth: SpatialAxis, height: SpatialAxis, width: SpatialAxis) {
    let one = SpatialAxis(input: 1)
    let padded = [SpatialAxis](repeating: one, count: Swift.max(0, 3 - count)) + self
    return (padded[0], padded[1], padded[2])
  }

  var inputCount: Int { reduce(1) { $0 * $1.input } }
  var outputCount: Int { reduce(1) { $0 * $1.output } }
  var kernelCount: Int { reduce(1) { $0 * $1.kernel } }
}
