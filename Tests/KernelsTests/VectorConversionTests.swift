import Kernels
import Testing

@Suite("Number format kernels")
struct VectorConversionTests {
  /// Random bit patterns of every kind, the special ones, and every half-way point between neighbouring halves.
  private var floats: [Float] {
    var random = Seeded(11)
    let patterns = (0..<20_000).map { _ in Float(bitPattern: UInt32.random(in: 0...(.max), using: &random)) }
    let nearHalf = (0..<UInt16(0x7C00)).flatMap { bits -> [Float] in
      let (low, high) = (Float(Float16(bitPattern: bits)), Float(Float16(bitPattern: bits + 1)))
      let middle = high.isFinite ? (low + high) / 2 : 65_520
      return [low, middle, middle.nextUp, -middle.nextDown]
    }
    return patterns + specialFloats + nearHalf
  }

  @Test("float32 to float16 rounds as Float16 does, and every float16 widens exactly")
  func half() {
    let x = floats
    let halves = (UInt16(0)...UInt16.max).map { $0 }
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      var found = [UInt16](repeating: 0, count: x.count)
      kernels.pointee.f32_to_f16(x.count, x, &found)
      for (value, bits) in zip(x, found) {
        let (rounded, expected) = (Float16(bitPattern: bits), Float16(value))
        guard rounded.bitPattern == expected.bitPattern || (rounded.isNaN && expected.isNaN) else {
          Issue.record("\(value) became \(rounded), not \(expected), at \(level)")
          return
        }
      }
      var widened = [Float](repeating: 0, count: halves.count)
      kernels.pointee.f16_to_f32(halves.count, halves, &widened)
      for (bits, value) in zip(halves, widened) {
        guard same(value, Float(Float16(bitPattern: bits))) else {
          Issue.record("half \(bits) became \(value) at \(level)")
          return
        }
      }
    }
  }

  @Test("float32 to bfloat16 rounds to nearest even, keeps NaN, and widens back")
  func brainFloat() {
    let x = floats
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      var bits = [UInt16](repeating: 0, count: x.count)
      var back = [Float](repeating: 0, count: x.count)
      kernels.pointee.f32_to_bf16(x.count, x, &bits)
      kernels.pointee.bf16_to_f32(x.count, bits, &back)
      for (value, found) in zip(x, back) {
        let low = Float(bitPattern: value.bitPattern & 0xFFFF_0000)
        let high = Float(bitPattern: low.bitPattern &+ 0x1_0000)
        let rest = value.bitPattern & 0xFFFF
        let goesUp = rest > 0x8000 || (rest == 0x8000 && low.bitPattern & 0x1_0000 != 0)
        guard value.isNaN ? found.isNaN : same(found, goesUp ? high : low) else {
          Issue.record("\(value) became \(found) at \(level)")
          return
        }
      }
    }
  }

  @Test("quantization rounds half to even, saturates, and sends NaN to the zero point")
  func quantizes() throws {
    var random = Seeded(12)
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      for length in vectorLengths {
        let scale = Float.random(in: 0.01...2, using: &random)
        let halves = (0..<length).map { _ in (Float(Int.random(in: -600...600, using: &random)) + 0.5) * scale
        }
        let x = Array((halves + specialFloats).suffix(length))
        let zero = Int32.random(in: 0...255, using: &random)
        let found = try #require(
          guarded(length, fill: 1) { kernels.pointee.f32_quantize_u8(length, x, scale, zero, $0) })
        #expect(found == x.map { UInt8(code($0, scale, zero, 0...255)) }, "\(length) at \(level)")
        let signed = try #require(
          guarded(length, fill: 1) { kernels.pointee.f32_quantize_s8(length, x, scale, zero - 128, $0) })
        #expect(signed == x.map { Int8(code($0, scale, zero - 128, -128...127)) }, "\(length) at \(level)")
      }
    }
  }

  private func code(_ x: Float, _ scale: Float, _ zero: Int32, _ range: ClosedRange<Int32>) -> Int32 {
    let steps = (x / scale).rounded(.toNearestOrEven)
    if steps.isNaN { return zero }
    return Int32(min(max(Double(steps) + Double(zero), Double(range.lowerBound)), Double(range.upperBound)))
  }

  @Test("dequantization is exact for every code, and for 32-bit accumulators")
  func dequantizes() {
    let codes = (UInt8(0)...255).map { $0 }
    let signed = (Int8(-128)...127).map { $0 }
    let wide: [Int32] = [.min, -1, 0, 1, 123_456_789, .max]
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      var found = [Float](repeating: 0, count: 256)
      kernels.pointee.u8_dequantize_f32(256, codes, 0.37, 77, &found)
      #expect(found == codes.map { Float(Int32($0) - 77) * 0.37 })
      kernels.pointee.s8_dequantize_f32(256, signed, 0.37, -5, &found)
      #expect(found == signed.map { Float(Int32($0) + 5) * 0.37 })
      kernels.pointee.s32_dequantize_f32(6, wide, 0.5, 0, &found)
      #expect(found[..<6] == ArraySlice(wide.map { Float($0) * 0.5 }))
    }
  }
}
