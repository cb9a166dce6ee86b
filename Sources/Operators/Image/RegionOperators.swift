import GraphIR
import Kernels
import TensorCore

/// RoiAlign: regions of feature maps averaged (or their maximum taken) over bins, at sampled places between the elements (He
/// et al. 2017, arXiv:1703.06870).
struct RoiAlignOperator: Operator {
  let kinds: [OperatorKind] = ["RoiAlign"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  private static func sizes(_ site: OperatorSite) throws -> (height: Int, width: Int, sampling: Int) {
    let limit = 1 << 15
    let height = try site.int("output_height", default: 1)
    let width = try site.int("output_width", default: 1)
    let sampling = try site.int("sampling_ratio", default: 0)
    guard (1...limit).contains(height), (1...limit).contains(width), (0...limit).contains(sampling) else {
      throw site.attributeError(
        "output_height", expected: "sizes from 1 to \(limit)", found: "\(height), \(width), \(sampling)")
    }
    return (height, width, sampling)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let x = try site.input(0, of: DataType.real)
    let regions = try site.input(1, of: [x.dataType]).shape
    guard x.shape.rank == 4 else { throw site.inputError(0, expected: "of rank 4") }
    guard regions.rank == 2, regions[1] == 4 else {
      throw site.inputError(1, expected: "of shape [regions, 4]")
    }
    guard try site.input(2, of: [.int64]).shape.dimensions == [regions[0]] else {
      throw site.inputError(2, expected: "int64[\(regions[0])]")
    }
    let sizes = try Self.sizes(site)
    return [TensorType(x.dataType, try site.shape([regions[0], x.shape[1], sizes.height, sizes.width]))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(0, Visitor(site: site))
  }

  private struct Visitor: RealVisitor {
    let site: OperatorSite

    func visit<Element: RealElement>(_ type: Element.Type) throws -> OperatorBody {
      let shape = try site.input(0).shape
      let regions = try site.input(1).shape[0]
      let (rows, columns, sampling) = try RoiAlignOperator.sizes(site)
      let scale = Double(try site.float("spatial_scale", default: 1))
      let isMax = try site.string("mode", default: "avg", choices: ["avg", "max"]) == "max"
      let isHalfPixel =
        try site.string(
          "coordinate_transformation_mode", default: site.opset >= 16 ? "half_pixel" : "output_half_pixel",
          choices: ["half_pixel", "output_half_pixel"]) == "half_pixel"
      let (height, width) = (shape[2], shape[3])
      let (kind, name) = (site.kind, site.node.name)
      return OperatorBody { arguments in
        guard var output = arguments.output(0, as: Element.self) else { return }
        let (input, boxes) = (arguments.input(0, as: Element.self), arguments.input(1, as: Element.self))
        let samples = arguments.input(2, as: Int64.self)
        for region in 0..<regions {
          let sample = Int(clamping: samples[region])
          guard (0..<shape[0]).contains(sample) else {
            throw OperatorError.index(kind: kind, node: name, found: sample, limit: shape[0])
          }
          let offset = isHalfPixel ? 0.5 : 0
          let box = (0..<4).map { index -> Double in
            let value = Double(boxes[region * 4 + index]) * scale - offset
            // Regions far outside hold nothing, wherever they are.
            return value.isNaN ? 0 : min(max(value, -1e6), 1e6)
          }
          var (high, wide) = (box[3] - box[1], box[2] - box[0])
          if !isHalfPixel { (high, wide) = (max(high, 1), max(wide, 1)) }
          let (binHeight, binWidth) = (high / Double(rows), wide / Double(columns))
          let gridRows = sampling > 0 ? sampling : max(0, Int(binHeight.rounded(.up)))
          let gridColumns = sampling > 0 ? sampling : max(0, Int(binWidth.rounded(.up)))
          guard gridRows * gridColumns <= 1 << 20 else {
            throw OperatorError.input(
              kind: kind, node: name, input: 1, expected: "regions in proportion to the map",
              found: "\(wide) by \(high)")
          }
          for channel in 0..<shape[1] {
            let plane = input + (sample * shape[1] + channel) * height * width
            for row in 0..<rows {
              for column in 0..<columns {
                var (sum, peak) = (0.0, -Double.infinity)
                for y in 0..<gridRows {
                  let down =
                    box[1] + Double(row) * binHeight + (Double(y) + 0.5) * binHeight / Double(gridRows)
                  for x in 0..<gridColumns {
                    let across =
                      box[0] + Double(column) * binWidth + (Double(x) + 0.5) * binWidth / Double(gridColumns)
                    let sampled = Self.sampled(plane, height, width, down, across)
                    sum += sampled.mean
                    peak = max(peak, sampled.peak)
                  }
                }
                let count = max(gridRows * gridColumns, 1)
                output.pointee = Element(isMax ? (peak.isFinite ? peak : 0) : sum / Double(count))
                output += 1
              }
            }
          }
        }
      }
    }

    /// The value between four elements, and the largest of their weighted parts.
    private static func sampled<Element: RealElement>(
      _ plane: UnsafePointer<Element>, _ height: Int, _ width: Int, _ down: Double, _ across: Double
    ) -> (mean: Double, peak: Double) {
      guard down >= -1, down <= Double(height), across >= -1, across <= Double(width), height > 0, width > 0
      else { return (0, 0) }
      func place(_ at: Double, _ length: Int) -> (low: Int, high: Int, ratio: Double) {
        let at = max(at, 0)
        let low = Int(at)
        return low >= length - 1 ? (length - 1, length - 1, 0) : (low, low + 1, at - Double(low))
      }
      let (y, x) = (place(down, height), place(across, width))
      let parts = [
        (1 - y.ratio) * (1 - x.ratio) * Double(plane[y.low * width + x.low]),
        (1 - y.ratio) * x.ratio * Double(plane[y.low * width + x.high]),
        y.ratio * (1 - x.ratio) * Double(plane[y.high * width + x.low]),
        y.ratio * x.ratio * Double(plane[y.high * width + x.high]),
      ]
      return (parts.reduce(0, +), parts.max() ?? 0)
    }
  }
}

/// MaxRoiPool: the maxima of bins of regions (sample, x, y, x, y) of feature maps (Girshick 2015, arXiv:1504.08083).
struct MaxRoiPoolOperator: Operator {
  let kinds: [OperatorKind] = ["MaxRoiPool"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let x = try site.input(0, of: DataType.real)
    let regions = try site.input(1, of: [x.dataType]).shape
    guard x.shape.rank == 4 else { throw site.inputError(0, expected: "of rank 4") }
    guard regions.rank == 2, regions[1] == 5 else {
      throw site.inputError(1, expected: "of shape [regions, 5]")
    }
    let sizes = try site.ints("pooled_shape", count: 2, in: 1...(1 << 15), default: 1)
    return [TensorType(x.dataType, try site.shape([regions[0], x.shape[1]] + sizes))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(0, Visitor(site: site, output: outputs[0].shape))
  }

  private struct Visitor: RealVisitor {
    let site: OperatorSite
    let output: Shape

    func visit<Element: RealElement>(_ type: Element.Type) throws -> OperatorBody {
      let shape = try site.input(0).shape
      let scale = Double(try site.float("spatial_scale", default: 1))
      let (kind, name) = (site.kind, site.node.name)
      return OperatorBody { [output] arguments in
        guard var target = arguments.output(0, as: Element.self) else { return }
        let (input, regions) = (arguments.input(0, as: Element.self), arguments.input(1, as: Element.self))
        let (rows, columns) = (output[2], output[3])
        for region in 0..<output[0] {
          let values = (0..<5).map { index -> Int in
            let value = Double(regions[region * 5 + index]) * (index == 0 ? 1 : scale)
            return Int(Int32(saturating: value.rounded(.toNearestOrAwayFromZero)))
          }
          guard (0..<shape[0]).contains(values[0]) else {
            throw OperatorError.index(kind: kind, node: name, found: values[0], limit: shape[0])
          }
          let (high, wide) = (max(values[4] - values[2] + 1, 1), max(values[3] - values[1] + 1, 1))
          func bin(_ index: Int, _ count: Int, _ length: Int, _ start: Int, _ limit: Int) -> Range<Int> {
            let size = Double(length) / Double(count)
            let first = Int((Double(index) * size).rounded(.down)) + start
            let end = Int((Double(index + 1) * size).rounded(.up)) + start
            let (low, top) = (min(max(first, 0), limit), min(max(end, 0), limit))
            return low..<max(low, top)
          }
          for channel in 0..<shape[1] {
            let plane = input + (values[0] * shape[1] + channel) * shape[2] * shape[3]
            for row in 0..<rows {
              let down = bin(row, rows, high, values[2], shape[2])
              for column in 0..<columns {
                let across = bin(column, columns, wide, values[1], shape[3])
                var best: Element = down.isEmpty || across.isEmpty ? 0 : -.infinity
                for y in down { for x in across { best = max(best, plane[y * shape[3] + x]) } }
                target.pointee = best
                target += 1
              }
            }
          }
        }
      }
    }
  }
}
