import CKernels

/// Number formats: halves, and 8-bit codes.
enum VectorConversionCases {
  static let all: [SlotCase] = [
    halves, widenedHalves, brainFloats, widenedBrainFloats, unsignedCodes, signedCodes, fromUnsigned,
    fromSigned,
    fromWide,
  ]

  private static let halves = converted(
    "f32_to_f16", from: { $0.floats($1, in: -70000...70000) },
    run: { (table, n, x: UnsafePointer<Float>, out: UnsafeMutablePointer<UInt16>) in
      table.f32_to_f16(n, x, out)
    },
    same: { value, bits in Float16(value).bitPattern == bits })

  private static let widenedHalves = converted(
    "f16_to_f32", from: bits,
    run: { (table, n, x: UnsafePointer<UInt16>, out: UnsafeMutablePointer<Float>) in
      table.f16_to_f32(n, x, out)
    },
    same: { bits, value in
      let exact = Float(Float16(bitPattern: bits))
      return value == exact || value.isNaN && exact.isNaN
    })

  private static let brainFloats = converted(
    "f32_to_bf16", from: { $0.floats($1) },
    run: { (table, n, x: UnsafePointer<Float>, out: UnsafeMutablePointer<UInt16>) in
      table.f32_to_bf16(n, x, out)
    },
    same: { value, bits in
      // To nearest, ties to even: what is added carries into the upper half only where that is due.
      let odd = value.bitPattern >> 16 & 1
      return UInt16(truncatingIfNeeded: (value.bitPattern + 0x7FFF + odd) >> 16) == bits
    })

  private static let widenedBrainFloats = converted(
    "bf16_to_f32", from: bits,
    run: { (table, n, x: UnsafePointer<UInt16>, out: UnsafeMutablePointer<Float>) in
      table.bf16_to_f32(n, x, out)
    },
    same: { bits, value in value.bitPattern == UInt32(bits) << 16 })

  private static let unsignedCodes = coded(
    "f32_quantize_u8", from: { $0.floats($1, in: -9...9) },
    run: { (table, n, x: UnsafePointer<Float>, scale, zero, out: UnsafeMutablePointer<UInt8>) in
      table.f32_quantize_u8(n, x, scale, zero, out)
    },
    same: { x, scale, zero, code in
      let whole: Float = (x / scale).rounded(.toNearestOrEven) + Float(zero)
      return code == UInt8(min(max(whole, 0), 255))
    })

  private static let signedCodes = coded(
    "f32_quantize_s8", from: { $0.floats($1, in: -9...9) },
    run: { (table, n, x: UnsafePointer<Float>, scale, zero, out: UnsafeMutablePointer<Int8>) in
      table.f32_quantize_s8(n, x, scale, zero, out)
    },
    same: { x, scale, zero, code in
      let whole: Float = (x / scale).rounded(.toNearestOrEven) + Float(zero)
      return code == Int8(min(max(whole, -128), 127))
    })

  private static let fromUnsigned = coded(
    "u8_dequantize_f32", from: { $0.integers($1, in: 0...255) },
    run: { (table, n, x: UnsafePointer<UInt8>, scale, zero, out: UnsafeMutablePointer<Float>) in
      table.u8_dequantize_f32(n, x, scale, zero, out)
    },
    same: { code, scale, zero, value in value == Float(Int32(code) - zero) * scale })

  private static let fromSigned = coded(
    "s8_dequantize_f32", from: { $0.integers($1, in: -128...127) },
    run: { (table, n, x: UnsafePointer<Int8>, scale, zero, out: UnsafeMutablePointer<Float>) in
      table.s8_dequantize_f32(n, x, scale, zero, out)
    },
    same: { code, scale, zero, value in value == Float(Int32(code) - zero) * scale })

  private static let fromWide = coded(
    "s32_dequantize_f32", from: { $0.integers($1, in: -1_000_000...1_000_000) },
    run: { (table, n, x: UnsafePointer<Int32>, scale, zero, out: UnsafeMutablePointer<Float>) in
      table.s32_dequantize_f32(n, x, scale, zero, out)
    },
    same: { code, scale, zero, value in value == Float(code - zero) * scale })

  private static func bits(_ source: inout ProblemSource, _ count: Int) -> Memory<UInt16> {
    source.values(count) { UInt16.random(in: 0...(.max), using: &$0) }
  }

  private static func converted<From: BitwiseCopyable, To: BitwiseCopyable>(
    _ slot: String, from make: @escaping @Sendable (inout ProblemSource, Int) -> Memory<From>,
    run: @escaping @Sendable (ck_vector_table, Int, UnsafePointer<From>, UnsafeMutablePointer<To>) -> Void,
    same: @escaping @Sendable (From, To) -> Bool
  ) -> SlotCase {
    coded(
      slot, from: make, run: { table, n, x, _, _, out in run(table, n, x, out) },
      same: { from, _, _, to in same(from, to) })
  }

  private static func coded<From: BitwiseCopyable, To: BitwiseCopyable>(
    _ slot: String, from make: @escaping @Sendable (inout ProblemSource, Int) -> Memory<From>,
    run:
      @escaping @Sendable (
        ck_vector_table, Int, UnsafePointer<From>, Float, Int32, UnsafeMutablePointer<To>
      ) -> Void,
    same: @escaping @Sendable (From, Float, Int32, To) -> Bool
  ) -> SlotCase {
    SlotCase(vector: slot) { table, source in
      let n = source.size(0...150, timed: 4096)
      let x = make(&source, n)
      let scale = source.float(0.01...0.1)
      let zero = Int32(source.integer(-5...100))
      let out = Memory<To>(n)
      return Trial(
        label: "\(n) values", work: .bytes(Double(n * (MemoryLayout<From>.size + MemoryLayout<To>.size))),
        run: { run(table, n, x.start, scale, zero, out.start) },
        error: { out.isIntact && (0..<n).allSatisfy { same(x[$0], scale, zero, out[$0]) } ? 0 : .infinity })
    }
  }
}
