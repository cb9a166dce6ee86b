import Kernels
import Testing

@Suite("Coding weights")
struct WeightCodingTests {
  /// Ordinary values with a few that arithmetic treats specially; no NaN.
  private static func values(_ count: Int, _ random: inout Seeded) -> [Float] {
    var values = random.floats(count, in: -3...3)
    for index in values.indices where Int.random(in: 0..<20, using: &random) == 0 {
      values[index] = specialFloats.filter { !$0.isNaN }.randomElement(using: &random) ?? 0
    }
    return values
  }

  @Test func extremesAreThoseOfTheValuesAndZero() {
    var random = Seeded(401)
    for level in levels {
      for count in vectorLengths {
        let values = Self.values(count, &random)
        var (low, high): (Float, Float) = (9, -9)
        VectorTable.for(level).kernels.pointee.f32_extremes(count, values, &low, &high)
        #expect(low == min(0, values.min() ?? 0) && high == max(0, values.max() ?? 0), "\(level) \(count)")
      }
    }
  }

  @Test func codesAreRoundedHalfToEvenAndClamped() {
    var random = Seeded(402)
    for level in levels {
      for count in vectorLengths {
        let values = random.floats(count, in: -40...40).map { ($0 * 4).rounded() / 8 }
        let zero = Int32.random(in: -8...7, using: &random)
        let found = guarded(count, fill: 99) { (out: UnsafeMutablePointer<Int8>) in
          VectorTable.for(level).kernels.pointee.f32_encode_s8(
            count, values, 0.5, zero, Float(-8 - zero), Float(7 - zero), out)
        }
        let expected = values.map { value in
          Int8(min(7, max(-8, (value / 0.5).rounded(.toNearestOrEven) + Float(zero))))
        }
        #expect(found == expected, "\(level) \(count)")
      }
    }
  }

  @Test("every width packs code after code, lowest bits first")
  func packs() {
    var random = Seeded(403)
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      for width in 1...8 {
        for count in vectorLengths {
          let lowest = Int.random(in: (width == 8 ? -128 : -100)...(-(1 << (width - 1))), using: &random)
          let codes = (0..<count).map { _ in
            Int8(lowest + Int.random(in: 0..<(1 << width), using: &random))
          }
          var expected = [UInt8](repeating: 0, count: (count * width + 7) / 8)
          for (i, code) in codes.enumerated() {
            for bit in 0..<width where (Int(code) - lowest) >> bit & 1 == 1 {
              expected[(i * width + bit) / 8] |= 1 << UInt8((i * width + bit) % 8)
            }
          }
          let found = guarded(expected.count, fill: 0xAB) {
            kernels.pointee.s8_pack_bits(count, codes, Int32(width), Int32(lowest), $0)
          }
          #expect(found == expected, "\(level) \(count) codes of \(width) bits")
        }
      }
    }
  }

  @Test func packsSignsAndTrits() {
    var random = Seeded(404)
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      for count in vectorLengths {
        let trits = (0..<count).map { _ in Int8.random(in: -1...1, using: &random) }
        let bytes = stride(from: 0, to: count, by: 5).map { first in
          trits[first..<min(count, first + 5)].reversed().reduce(UInt8(0)) { $0 * 3 + UInt8($1 + 1) }
        }
        #expect(guarded(bytes.count, fill: 0xAB) { kernels.pointee.s8_pack_trits(count, trits, $0) } == bytes)
        var bits = [UInt8](repeating: 0, count: (count + 7) / 8)
        for (i, trit) in trits.enumerated() where trit > 0 { bits[i / 8] |= 1 << UInt8(i % 8) }
        #expect(guarded(bits.count, fill: 0xAB) { kernels.pointee.s8_pack_signs(count, trits, $0) } == bits)
      }
    }
  }
}

@Suite("Selecting the smallest magnitudes")
struct MagnitudeSelectionTests {
  /// Zeros exactly the `count` smallest, the first of equals first.
  private static func reference(_ count: Int, _ arrays: [[Float]]) -> [[Float]] {
    let places = arrays.indices.flatMap { a in arrays[a].indices.map { (a, $0) } }
    let order = places.indices.sorted { p, q in
      let (x, y) = (arrays[places[p].0][places[p].1].magnitude, arrays[places[q].0][places[q].1].magnitude)
      return x.bitPattern == y.bitPattern ? p < q : x.bitPattern < y.bitPattern
    }
    var result = arrays
    for p in order.prefix(count) { result[places[p].0][places[p].1] = 0 }
    return result
  }

  private static func found(_ count: Int, _ arrays: [[Float]]) -> [[Float]] {
    let selection = MagnitudeSelection(selecting: count, of: arrays.count) { index, body in
      arrays[index].withUnsafeBufferPointer(body)
    }
    return arrays.enumerated().map { index, array in
      var target = array
      target.withUnsafeMutableBufferPointer { target in
        array.withUnsafeBufferPointer { selection.zero($0, into: target, array: index) }
      }
      return target
    }
  }

  private static func check(_ count: Int, _ arrays: [[Float]], _ label: String) {
    let found = found(count, arrays).map { $0.map(\.bitPattern) }
    #expect(found == reference(count, arrays).map { $0.map(\.bitPattern) }, "\(label), \(count)")
  }

  @Test("small arrays, ties, specials and NaN")
  func small() {
    var random = Seeded(411)
    for _ in 0..<60 {
      let arrays = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        (0..<Int.random(in: 0...90, using: &random)).map { _ -> Float in
          switch Int.random(in: 0..<3, using: &random) {
          case 0: specialFloats.randomElement(using: &random) ?? 0
          case 1: Float(Int.random(in: -3...3, using: &random))
          default: Float.random(in: -1...1, using: &random)
          }
        }
      }
      let total = arrays.reduce(0) { $0 + $1.count }
      guard total > 0 else { continue }
      Self.check(Int.random(in: 1...total, using: &random), arrays, "small")
      Self.check(total, arrays, "all")
    }
  }

  @Test("many values: by a sample, and where the sample misleads")
  func large() {
    var random = Seeded(412)
    let even = random.floats(300_000)
    // What a strided sample sees is unlike the rest.
    let misleading = (0..<262_144).map { (i: Int) -> Float in
      if i % 4 == 2 { return 5 + Float(i % 97) }
      return Float(i % 1013) * 1e-3
    }
    let equal = [Float](repeating: 0.25, count: 200_000)
    for count in [1, 777, 150_000, 270_000, 299_999] {
      Self.check(count, [Array(even[..<100_000]), Array(even[100_000...])], "even")
    }
    for count in [1, 100_000, 200_000, 262_144] { Self.check(count, [misleading], "misleading") }
    for count in [1, 123_456, 200_000] { Self.check(count, [equal], "equal") }
  }
}
