import Foundation
import Kernels
import Testing

@Suite("Attention")
struct AttentionTests {
  /// One head's operands, rows laid out with gaps, and its scalar reference in double.
  struct Head {
    let queries: Int, keys: Int, depth: Int, valueDepth: Int
    let ldq: Int, ldk: Int, ldv: Int, ldo: Int, ldm: Int
    var q: [Float], k: [Float], v: [Float], mask: [Float]

    init(_ queries: Int, _ keys: Int, _ depth: Int, _ valueDepth: Int, random: inout Seeded) {
      (self.queries, self.keys, self.depth, self.valueDepth) = (queries, keys, depth, valueDepth)
      ldq = depth + Int.random(in: 0...3, using: &random)
      ldk = depth + Int.random(in: 0...3, using: &random)
      ldv = valueDepth + Int.random(in: 0...3, using: &random)
      ldo = valueDepth + Int.random(in: 0...3, using: &random)
      ldm = Bool.random(using: &random) ? 0 : keys + Int.random(in: 0...3, using: &random)
      q = random.floats(queries * ldq + 1, in: -2...2)
      k = random.floats(keys * ldk + 1, in: -2...2)
      v = random.floats(keys * ldv + 1)
      mask = random.floats(max(1, (ldm == 0 ? 1 : queries)) * max(keys, ldm) + 1, in: -3...3)
    }

    func sees(_ query: Int, _ key: Int, _ visibility: Attention.Visibility) -> Bool {
      switch visibility {
      case .all: true
      case .causal(let offset): key <= query + offset
      }
    }

    func reference(_ form: Attention.Form, _ visibility: Attention.Visibility, masked: Bool) -> [Double] {
      func feature(_ x: Float) -> Double { x > 0 ? Double(x) + 1 : exp(Double(x)) }
      return (0..<queries).flatMap { i -> [Double] in
        var weights = (0..<keys).map { j -> Double in
          switch form {
          case .softmax(let scale):
            guard sees(i, j, visibility) else { return -.infinity }
            let score = (0..<depth).reduce(0.0) { $0 + Double(q[i * ldq + $1]) * Double(k[j * ldk + $1]) }
            return score * Double(scale) + (masked ? Double(mask[i * ldm + j]) : 0)
          case .linear:
            guard sees(i, j, visibility) else { return 0 }
            return (0..<depth).reduce(0.0) { $0 + feature(q[i * ldq + $1]) * feature(k[j * ldk + $1]) }
          }
        }
        var divisor: Double
        switch form {
        case .softmax:
          let peak = weights.max() ?? -.infinity
          weights = weights.map { exp($0 - peak) }
          divisor = weights.reduce(0, +)
          if weights.isEmpty || peak == -.infinity { divisor = .nan }
        case .linear(let epsilon): divisor = weights.reduce(Double(epsilon), +)
        }
        return (0..<valueDepth).map { p in
          (0..<keys).reduce(0.0) { $0 + weights[$1] * Double(v[$1 * ldv + p]) } / divisor
        }
      }
    }

    private func withPointers(
      _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
    ) {
      q.withUnsafeBufferPointer { q in
        k.withUnsafeBufferPointer { k in
          v.withUnsafeBufferPointer { v in
            mask.withUnsafeBufferPointer { mask in
              body(q.baseAddress!, k.baseAddress!, v.baseAddress!, mask.baseAddress!)
            }
          }
        }
      }
    }

    /// The kernel's rows, queries in calls of `part`; nil where it wrote outside them.
    func run(
      _ form: Attention.Form, _ visibility: Attention.Visibility, masked: Bool, part: Int,
      _ level: CPUFeatureLevel
    ) -> [Float]? {
      let attention = Attention(
        form, visibility: visibility, depth: depth, valueDepth: valueDepth, table: .for(level))
      let scratch = Scratch(attention.scratchBytes)
      var out = [Float](repeating: -12345.75, count: queries * ldo + 8)
      for first in stride(from: 0, to: queries, by: part) {
        withPointers { q, k, v, mask in
          out.withUnsafeMutableBufferPointer { out in
            attention.run(
              queries: min(part, queries - first), keys: keys, q: .init(q + first * ldq, stride: ldq),
              k: .init(k, stride: ldk), v: .init(v, stride: ldv),
              mask: masked ? .init(mask + first * ldm, stride: ldm) : nil, firstQuery: first,
              out: out.baseAddress! + first * ldo, outStride: ldo, scratch: scratch.start)
          }
        }
      }
      guard scratch.intact else { return nil }
      var rows: [Float] = []
      for (i, value) in out.enumerated() {
        if i < queries * ldo && i % ldo < valueDepth {
          rows.append(value)
        } else if value != -12345.75 {
          return nil
        }
      }
      return rows
    }
  }

  private static func shapes(_ random: inout Seeded) -> [(Int, Int, Int, Int)] {
    [
      (1, 1, 1, 1), (3, 0, 4, 2), (0, 5, 4, 2), (2, 5, 0, 3), (49, 97, 16, 16), (100, 200, 8, 24),
      (5, 300, 64, 64),
    ]
      + (0..<25).map { _ in
        (
          Int.random(in: 1...70, using: &random), Int.random(in: 1...130, using: &random),
          Int.random(in: 1...40, using: &random), Int.random(in: 1...40, using: &random)
        )
      }
  }

  @Test("softmax attention is softmax of all scores, masked or not", arguments: levels)
  func softmax(_ level: CPUFeatureLevel) {
    var random = Seeded(301)
    for shape in Self.shapes(&random) {
      let head = Head(shape.0, shape.1, shape.2, shape.3, random: &random)
      let form = Attention.Form.softmax(scale: 0.7)
      for visibility in [.all, .causal(offset: shape.1 - shape.0), .causal(offset: 0), .causal(offset: -3)]
        as [Attention.Visibility]
      {
        let masked = Bool.random(using: &random)
        let part = [shape.0, 1, 7].randomElement(using: &random) ?? 1
        let found = head.run(form, visibility, masked: masked, part: max(1, part), level)
        let expected = head.reference(form, visibility, masked: masked).map { Float($0) }
        #expect(
          worst(found, expected) < 1e-5, "\(level) \(shape) \(visibility) masked \(masked) parts of \(part)")
      }
    }
  }

  @Test("linear attention sums features over the keys each query sees", arguments: levels)
  func linear(_ level: CPUFeatureLevel) {
    var random = Seeded(302)
    for shape in Self.shapes(&random) {
      let head = Head(shape.0, shape.1, shape.2, shape.3, random: &random)
      let form = Attention.Form.linear(epsilon: 1e-3)
      for visibility in [.all, .causal(offset: shape.1 - shape.0), .causal(offset: 0), .causal(offset: -3)]
        as [Attention.Visibility]
      {
        let part = [shape.0, 1, 7].randomElement(using: &random) ?? 1
        let found = head.run(form, visibility, masked: false, part: max(1, part), level)
        let expected = head.reference(form, visibility, masked: false).map { Float($0) }
        #expect(worst(found, expected) < 2e-5, "\(level) \(shape) \(visibility) parts of \(part)")
      }
    }
  }

  @Test("huge scores, infinite masks and NaN behave as softmax does", arguments: levels)
  func specials(_ level: CPUFeatureLevel) {
    var random = Seeded(303)
    var head = Head(4, 200, 8, 8, random: &random)
    // Row 0: all of the first block masked; row 1: everything masked; row 2: a NaN; row 3: huge scores.
    head = head.masking { i, j in i == 0 && j < 150 || i == 1 ? -.infinity : 0 }
    head.q[2 * head.ldq + 3] = .nan
    for p in 0..<8 { head.q[3 * head.ldq + p] = 1e18 }
    let form = Attention.Form.softmax(scale: 1)
    let found = head.run(form, .all, masked: true, part: 4, level) ?? []
    let expected = head.reference(form, .all, masked: true).map { Float($0) }
    #expect(worst(Array(found.prefix(8)), Array(expected.prefix(8))) < 1e-5)
    #expect(found.count == 32 && found[8..<24].allSatisfy(\.isNaN))
    #expect(worst(Array(found.suffix(8)), Array(expected.suffix(8))) < 1e-5)
  }
}

extension AttentionTests.Head {
  /// The same with a full mask of these values.
  func masking(_ value: (Int, Int) -> Float) -> Self {
    var random = Seeded(304)
    var head = self
    while head.ldm == 0 { head = Self(queries, keys, depth, valueDepth, random: &random) }
    for i in 0..<queries { for j in 0..<keys { head.mask[i * head.ldm + j] = value(i, j) } }
    return head
  }
}
