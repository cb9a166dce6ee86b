import Foundation
import TerminalUI

/// A small seeded generator (SplitMix64), so that a failing case can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The rows that a drawing makes in a frame of this size.
func lines(
  _ width: Int, _ height: Int, _ drawable: some Drawable, _ glyphs: GlyphSet = .unicode
) -> [String] {
  var canvas = Canvas(width: width, height: height, glyphs: glyphs)
  canvas.draw(drawable)
  return canvas.lines
}

/// Values that have tripped chart code before: gaps, infinities, and the ends of the number range.
let awkwardValues: [Double] = [
  .nan, .infinity, -.infinity, 0, -0.0, 1e308, -1e308, .leastNonzeroMagnitude, 1, 1 + 1e-15, -1, 1e-12, 97.3,
]

var shippedThemesFolder: String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../themes").path
}
