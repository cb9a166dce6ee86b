import CKernels
import Kernels

/// Convolutions straight from an image: some runs of values for each output pixel.
enum ConvolutionCases {
  static let all = [
    SlotCase(slot: "f32_conv", info: { $0.f32_conv_info }) { matrix, info, source in
      let shape = Shape(info, &source)
      let a = source.floats(shape.elements)
      let panel = shape.terms * 16
      let b = source.floats(2 * panel)
      let tile = FloatTile(rows: shape.pixels, outputs: shape.outputs, &source)
      return Trial(
        label: "\(shape.label)", work: .floats(shape.operations),
        run: {
          matrix.f32_conv(
            shape.pixels, shape.outputs, shape.segments, shape.run, a.start, shape.at.start, shape.step,
            b.start,
            panel, tile.y.start, tile.stride, &tile.store)
        },
        error: {
          tile.error(size: { _, _ in 8 }) { i, n in
            (0..<shape.terms).reduce(0) {
              $0 + Double(a[shape.place(i, $1)]) * Double(b[n / 16 * panel + $1 * 16 + n % 16])
            }
          }
        })
    },
    SlotCase(slot: "s16_conv", info: { $0.s16_conv_info }) { matrix, info, source in
      let shape = Shape(info, &source)
      let a: Memory<Int16> = source.integers(shape.elements, in: -255...255)
      let panel = shape.terms * 16
      let b: Memory<Int16> = source.integers(2 * panel, in: -255...255)
      let tile = IntegerTile(
        rows: shape.pixels, outputs: shape.outputs, inputs: shape.terms, columnSums: nil, rowSums: nil,
        residual: true, &source)
      return Trial(
        label: "\(shape.label)", work: .integers(shape.operations),
        run: {
          matrix.s16_conv(
            shape.pixels, shape.outputs, shape.segments, shape.run / 2, a.start, shape.at.start, shape.step,
            b.start, panel, tile.start, tile.stride, &tile.store)
        },
        error: {
          tile.error { i, n in
            (0..<shape.terms).reduce(0) {
              let weight = b[n / 16 * panel + $1 / 2 * 32 + n % 16 * 2 + $1 % 2]
              return $0 + Int(a[shape.place(i, $1)]) * Int(weight)
            }
          }
        })
    },
  ]

  /// Pixels that see `segments` runs of `run` values each; an even number where depth is 2.
  private final class Shape {
    let pixels: Int
    let outputs: Int
    let segments: Int
    let run: Int
    let step: Int
    let elements: Int
    let at: Memory<Int32>

    init(_ info: ck_kernel_info, _ source: inout ProblemSource) {
      let depth = Int(info.depth)
      pixels = source.size(1...30, timed: 48)
      let widest = String(cString: info.name).contains("x32_") ? 32 : 24
      outputs = source.size(1...widest, timed: widest)
      segments = source.size(0...5, timed: 3)
      // Runs of 3 and 5 are written out, those of 16 and more unrolled.
      run = depth * source.size(1...20, timed: depth == 1 ? 9 : 5)
      step = run + source.gap()
      let farthest = 40
      elements = farthest + segments * step + run
      at = source.values(pixels) { Int32($0.integer(0...farthest)) }
    }

    var terms: Int { segments * run }
    var operations: Double { 2 * Double(pixels * outputs * terms) }
    var label: String { "\(pixels) pixels, \(outputs) outputs, \(segments) runs of \(run)" }
    func place(_ pixel: Int, _ term: Int) -> Int { Int(at[pixel]) + term / run * step + term % run }
  }
}
