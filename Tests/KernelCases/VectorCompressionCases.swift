import CKernels

/// What compressing takes: ranges, codes, magnitudes, streams of narrow codes.
enum VectorCompressionCases {
  static let all: [SlotCase] = [
    SlotCase(vector: "f32_extremes") { table, source in
      let n = source.size(0...150, timed: 4096)
      let x = source.floats(n)
      let ends = Memory<Float>(2)
      return Trial(
        label: "\(n) values", work: .bytes(Double(n * 4)),
        run: { table.f32_extremes(n, x.start, ends.start, ends.start + 1) },
        error: { mismatch(ends) { $0 == 0 ? min(0, x.values.min() ?? 0) : max(0, x.values.max() ?? 0) } })
    },
    SlotCase(vector: "f32_encode_s8") { table, source in
      let n = source.size(0...150, timed: 4096)
      let x = source.floats(n, in: -9...9)
      let zero = Int32(source.integer(-8...7))
      let out = Memory<Int8>(n)
      return Trial(
        label: "\(n) values", work: .bytes(Double(n * 5)),
        run: { table.f32_encode_s8(n, x.start, 0.5, zero, Float(-8 - zero), Float(7 - zero), out.start) },
        error: {
          mismatch(out) { Int8(min(7, max(-8, (x[$0] / 0.5).rounded(.toNearestOrEven) + Float(zero)))) }
        })
    },
    SlotCase(vector: "f32_collect_magnitudes") { table, source in
      let n = source.size(0...150, timed: 4096)
      let x = source.floats(n)
      let low = Float(0.5).bitPattern,
        high = Float(0.52 + (source.isTimed ? 0 : source.float(0...0.4))).bitPattern
      let room = source.size(0...n, timed: n)
      let out = Memory<UInt32>(n)
      let counts = Memory<Int>(2)
      return Trial(
        label: "\(n) values", work: .bytes(Double(n * 4)),
        run: {
          (counts[0], counts[1]) = (0, 0)
          table.f32_collect_magnitudes(n, x.start, low, high, room, out.start, counts.start, counts.start + 1)
        },
        error: {
          let bits = x.values.map(\.magnitude.bitPattern)
          let inside = bits.filter { $0 >= low && $0 < high }
          let kept = inside.prefix(room)
          let right =
            counts[0] == inside.count && counts[1] == bits.count { $0 < low } && out.isIntact
            && kept.enumerated().allSatisfy { out[$0] == $1 } && (kept.count..<n).allSatisfy(out.isUntouched)
          return right ? 0 : .infinity
        })
    },
    SlotCase(vector: "f32_zero_magnitudes") { table, source in
      let n = source.size(0...150, timed: 4096)
      let x = source.values(n) { Float($0.integer(-9...9)) / 8 }
      let bits = Float(0.5).bitPattern
      let most = source.size(0...9, timed: 9)
      let out = Memory<Float>(n)
      let ties = Memory<Int>(1)
      return Trial(
        label: "\(n) values", work: .bytes(Double(n * 8)),
        run: {
          ties[0] = most
          table.f32_zero_magnitudes(n, x.start, bits, ties.start, out.start)
        },
        error: {
          var left = most
          let exact = x.values.map { value -> Float in
            let magnitude = value.magnitude.bitPattern
            if magnitude == bits && left > 0 {
              left -= 1
              return 0
            }
            return magnitude < bits ? 0 : value
          }
          return ties[0] == left ? mismatch(out) { exact[$0] } : .infinity
        })
    },
    SlotCase(vector: "s8_pack_bits") { table, source in
      let n = source.size(0...150, timed: 4096)
      let width = source.size(1...8, timed: 3)
      let lowest = -(1 << (width - 1))
      let codes: Memory<Int8> = source.integers(n, in: Int8(lowest)...Int8(lowest + (1 << width) - 1))
      let out = Memory<UInt8>((n * width + 7) / 8)
      return Trial(
        label: "\(n) codes of \(width) bits", work: .bytes(Double(n + out.count)),
        run: { table.s8_pack_bits(n, codes.start, Int32(width), Int32(lowest), out.start) },
        error: {
          mismatch(out) { byte in
            (0..<8).reduce(UInt8(0)) { result, bit in
              let (code, place) = ((byte * 8 + bit) / width, (byte * 8 + bit) % width)
              return code < n && (Int(codes[code]) - lowest) >> place & 1 == 1
                ? result | 1 << UInt8(bit) : result
            }
          }
        })
    },
    SlotCase(vector: "s8_pack_signs") { table, source in
      let n = source.size(0...150, timed: 4096)
      let codes: Memory<Int8> = source.integers(n, in: -1...1)
      let out = Memory<UInt8>((n + 7) / 8)
      return Trial(
        label: "\(n) codes", work: .bytes(Double(n + out.count)),
        run: { table.s8_pack_signs(n, codes.start, out.start) },
        error: {
          mismatch(out) { byte in
            (0..<8).reduce(UInt8(0)) {
              $1 + byte * 8 < n && codes[byte * 8 + $1] == 1 ? $0 | 1 << UInt8($1) : $0
            }
          }
        })
    },
    SlotCase(vector: "s8_pack_trits") { table, source in
      let n = source.size(0...150, timed: 4096)
      let codes: Memory<Int8> = source.integers(n, in: -1...1)
      let out = Memory<UInt8>((n + 4) / 5)
      return Trial(
        label: "\(n) codes", work: .bytes(Double(n + out.count)),
        run: { table.s8_pack_trits(n, codes.start, out.start) },
        error: {
          mismatch(out) { byte in
            (byte * 5..<min(n, byte * 5 + 5)).reversed().reduce(UInt8(0)) { $0 * 3 + UInt8(codes[$1] + 1) }
          }
        })
    },
  ]
}
