/// Where a problem takes its sizes and values from: random ones that meet every edge of a tile, or those that are timed.
package struct ProblemSource {
  package let isTimed: Bool
  private var state: UInt64

  /// Small random problems, the same for a seed everywhere.
  package init(seed: UInt64) {
    isTimed = false
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  }

  /// The problem that benchmarks time.
  package static var timed: ProblemSource { ProblemSource(timed: ()) }

  private init(timed: ()) {
    isTimed = true
    state = 0x9E37_79B9_7F4A_7C15
  }

  /// A size in `range`, or `timed`.
  mutating func size(_ range: ClosedRange<Int>, timed: Int) -> Int {
    isTimed ? timed : Int.random(in: range, using: &self)
  }

  /// Either, or `timed`.
  mutating func choice(timed: Bool = false) -> Bool { isTimed ? timed : next() & 1 == 0 }

  /// A few elements between rows, none where timed.
  mutating func gap() -> Int { size(0...5, timed: 0) }

  mutating func integer(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
  mutating func float(_ range: ClosedRange<Float>) -> Float { Float.random(in: range, using: &self) }

  mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> Memory<Float> {
    values(count) { $0.float(range) }
  }

  /// `count` integers in `range`; now and then only its two ends.
  mutating func integers<Element: FixedWidthInteger & BitwiseCopyable>(
    _ count: Int, in range: ClosedRange<Element>
  ) -> Memory<Element> {
    let extreme = !isTimed && integer(0...4) == 0
    return values(count) { source in
      if extreme { return source.next() & 1 == 0 ? range.lowerBound : range.upperBound }
      return Element.random(in: range, using: &source)
    }
  }

  mutating func values<Element: BitwiseCopyable>(
    _ count: Int, _ value: (inout ProblemSource) -> Element
  ) -> Memory<Element> {
    let memory = Memory<Element>(count)
    for i in 0..<count { memory[i] = value(&self) }
    return memory
  }
}

extension ProblemSource: RandomNumberGenerator {
  package mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }
}
