import GraphIR
import Kernels
import TensorCore

/// GridSample: an image [N, C, ...] read at places [N, ..., rank] in -1...1 (innermost axis first), nearest, linear or cubic,
/// of any rank; places outside are zeros, the border's, or mirrored (Jaderberg et al. 2015, arXiv:1506.02025).
struct GridSampleOperator: Operator {
  let kinds: [OperatorKind] = ["GridSample"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let x = try site.input(0, of: DataType.real)
    let grid = try site.input(1, of: [x.dataType]).shape
    let rank = x.shape.rank - 2
    guard (1...3).contains(rank) else { throw site.inputError(0, expected: "of rank 3 to 5") }
    guard grid.rank == rank + 2, grid[0] == x.shape[0], grid[rank + 1] == rank else {
      throw site.inputError(1, expected: "of shape [\(x.shape[0]), ..., \(rank)]")
    }
    _ = try (mode(site), padding(site))
    return [
      TensorType(
        x.dataType, try site.shape(Array(x.shape.dimensions[..<2]) + Array(grid.dimensions[1...rank])))
    ]
  }

  private func mode(_ site: OperatorSite) throws -> String {
    try site.string(
      "mode", default: "linear", choices: ["linear", "bilinear", "nearest", "cubic", "bicubic"])
  }

  private func padding(_ site: OperatorSite) throws -> String {
    try site.string("padding_mode", default: "zeros", choices: ["zeros", "border", "reflection"])
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = try site.input(0).shape
    return try site.dispatchReal(
      0,
      Visitor(
        shape: shape, places: outputs[0].shape.dimensions.dropFirst(2).reduce(1, *),
        mode: try mode(site), padding: try padding(site), alignsCorners: try site.flag("align_corners")))
  }

  private struct Visitor: RealVisitor {
    let shape: Shape
    let places: Int
    let mode: String
    let padding: String
    let alignsCorners: Bool

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      let rank = shape.rank - 2
      let sizes = Array(shape.dimensions.dropFirst(2))
      let planeCount = sizes.reduce(1, *)
      let strides = Array(shape.strides.dropFirst(2))
      return OperatorBody { [self] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let (input, grid) = (arguments.input(0, as: Element.self), arguments.input(1, as: Element.self))
        for sample in 0..<shape[0] {
          for place in 0..<places {
            let at = grid + (sample * places + place) * rank
            // Per axis the input indices (nil for zero padding) and their weights.
            let taps = (0..<rank).map { axis in
              self.taps(Double(at[rank - 1 - axis]), length: sizes[axis])
            }
            for channel in 0..<shape[1] {
              let plane = input + (sample * shape[1] + channel) * planeCount
              output[(sample * shape[1] + channel) * places + place] = Element(
                Self.sum(taps, axis: 0, offset: 0, strides, plane))
            }
          }
        }
      }
    }

    private static func sum<Element: RealElement>(
      _ taps: [[(index: Int?, weight: Double)]], axis: Int, offset: Int, _ strides: [Int],
      _ plane: UnsafePointer<Element>
    ) -> Double {
      if axis == taps.count { return Double(plane[offset]) }
      var total = 0.0
      for tap in taps[axis] where tap.weight != 0 {
        guard let index = tap.index else { continue }
        total +=
          tap.weight * sum(taps, axis: axis + 1, offset: offset + index * strides[axis], strides, plane)
      }
      return total
    }

    private func taps(_ normalized: Double, length: Int) -> [(index: Int?, weight: Double)] {
      guard length > 0 else { return [] }
      let size = Double(length)
      var at = alignsCorners ? (normalized + 1) / 2 * (size - 1) : ((normalized + 1) * size - 1) / 2
      // Where the place is no number or far away nothing more exact is meaningful.
      at = at.isNaN ? -1 : min(max(at, -1e9), 1e9)
      let isCubic = mode.hasSuffix("cubic")
      if mode == "nearest" { at = at.rounded(.toNearestOrEven) }
      if padding == "border" && !isCubic { at = min(max(at, 0), size - 1) }
      if padding == "reflection" && !isCubic { at = reflected(at, size) }
      if mode == "nearest" { return [(inside(Int(at), length), 1)] }
      let base = Int(at.rounded(.down))
      let ratio = at - Double(base)
      if !isCubic { return [(inside(base, length), 1 - ratio), (inside(base + 1, length), ratio)] }
      let a = -0.75
      func near(_ x: Double) -> Double { ((a + 2) * x - (a + 3)) * x * x + 1 }
      func far(_ x: Double) -> Double { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
      return [
        (inside(base - 1, length), far(ratio + 1)), (inside(base, length), near(ratio)),
        (inside(base + 1, length), near(1 - ratio)), (inside(base + 2, length), far(2 - ratio)),
      ]
    }

    private func inside(_ index: Int, _ length: Int) -> Int? {
      if (0..<length).contains(index) { return index }
      switch padding {
      case "border": return min(max(index, 0), length - 1)
      case "reflection":
        return min(max(Int(reflected(Double(index), Double(length))), 0), length - 1)
      default: return nil
      }
    }

    private func reflected(_ at: Double, _ size: Double) -> Double {
      let (low, high) = alignsCorners ? (0, size - 1) : (-0.5, size - 0.5)
      let range = high - low
      guard range > 0 else { return 0 }
      if at >= low && at <= high { return at }
      let distance = at < low ? low - at : at - high
      let turns = (distance / range).rounded(.down)
      let rest = distance - turns * range
      let isEven = turns.truncatingRemainder(dividingBy: 2) == 0
      return (at < low) == isEven ? low + rest : high - rest
    }
  }
}
