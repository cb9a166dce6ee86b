import Foundation
import TensorCore

/// Eight numbers of an array at a time.
enum Lanes {
  /// The first `count` lanes from an index on; the others are zero.
  @inline(__always)
  static func load(_ values: UnsafeBufferPointer<Float>, _ index: Int, _ count: Int) -> SIMD8<Float> {
    if count == 8 {
      return UnsafeRawBufferPointer(values).loadUnaligned(fromByteOffset: 4 * index, as: SIMD8<Float>.self)
    }
    var lanes = SIMD8<Float>()
    for lane in 0..<count { lanes[lane] = values[index + lane] }
    return lanes
  }

  @inline(__always)
  static func store(
    _ lanes: SIMD8<Float>, _ values: UnsafeMutableBufferPointer<Float>, _ index: Int, _ count: Int
  ) {
    if count == 8 {
      UnsafeMutableRawBufferPointer(values).storeBytes(
        of: lanes, toByteOffset: 4 * index, as: SIMD8<Float>.self)
      return
    }
    for lane in 0..<count { values[index + lane] = lanes[lane] }
  }

  @inline(__always)
  static func magnitude(_ lanes: SIMD8<Float>) -> SIMD8<Float> {
    unsafeBitCast(unsafeBitCast(lanes, to: SIMD8<UInt32>.self) & 0x7fff_ffff, to: SIMD8<Float>.self)
  }

  @inline(__always)
  static func load(_ values: UnsafeMutableBufferPointer<Float>, _ index: Int, _ count: Int) -> SIMD8<Float> {
    load(UnsafeBufferPointer(values), index, count)
  }

  /// 1 with the sign of each lane.
  @inline(__always)
  static func sign(_ lanes: SIMD8<Float>) -> SIMD8<Float> {
    unsafeBitCast(
      unsafeBitCast(lanes, to: SIMD8<UInt32>.self) & 0x8000_0000 | Float(1).bitPattern, to: SIMD8<Float>.self)
  }

  /// Each lane to a whole power of at least 1.
  @inline(__always)
  static func power(_ lanes: SIMD8<Float>, _ exponent: Int) -> SIMD8<Float> {
    var (result, square, rest) = (SIMD8<Float>(repeating: 1), lanes, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}

/// 1 / (1 + e^-x).
enum Logistic {
  /// Within 1e-6.
  @inline(__always)
  static func value(_ x: SIMD8<Float>) -> SIMD8<Float> {
    var bounded = x
    bounded.replace(with: -60, where: x .< -60)
    bounded.replace(with: 60, where: x .> 60)
    // 2^n times 2^f with f in -0.5...0.5. Adding 1.5 * 2^23 leaves the nearest integer in the low bits.
    let scaled = bounded * -1.442_695
    let shift: Float = 0x1.8p23
    let shifted = scaled + shift
    let f = scaled - (shifted - shift)
    // Taylor's series of 2^f.
    var sum = f * 1.540_353e-4 + 1.333_356e-3
    sum = sum * f + 9.618_129e-3
    sum = sum * f + 5.550_411e-2
    sum = sum * f + 2.402_265e-1
    sum = sum * f + 6.931_472e-1
    sum = sum * f + 1
    let exponent = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- Int32(bitPattern: shift.bitPattern) &+ 127
    return 1 / (1 + sum * unsafeBitCast(exponent &<< 23, to: SIMD8<Float>.self))
  }

  /// The x whose value is `y`, between 0 and 1.
  static func inverse(_ y: Float) -> Float { -log(1 / y - 1) }
}

/// One step of Adam (Kingma, Ba 2015, arXiv:1412.6980) with its usual constants.
struct AdamStep {
  private let rate: Float
  private let correction: Float

  /// - Parameter turn: counted from zero.
  init(turn: Int, rate: Float) {
    self.rate = rate / (1 - pow(0.9, Float(turn + 1)))
    correction = 1 / (1 - pow(0.999, Float(turn + 1)))
  }

  /// The step by which Adam lowers a variable; updates the means of the gradient and of its square.
  @inline(__always)
  func change(_ gradient: SIMD8<Float>, _ mean: inout SIMD8<Float>, _ square: inout SIMD8<Float>) -> SIMD8<
    Float
  > {
    mean = mean * 0.9 + gradient * 0.1
    square = square * 0.999 + gradient * gradient * 0.001
    return mean * rate / ((square * correction).squareRoot() + 1e-8)
  }
}
