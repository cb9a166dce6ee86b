import GraphIR
import Kernels
import TensorCore

/// The sizes of a ConvTranspose, read from its node.
package struct TransposedConvolutionPlan: Sendable {
  package let images: Int
  let groups: Int
  let inputsPerGroup: Int
  let outputsPerGroup: Int
  /// `input` is the forward input; a forward index i reaches the output places i * stride + place * dilation - padBegin.
  let axes: [SpatialAxis]
  let output: Shape

  package init(_ site: OperatorSite) throws {
    let (x, w) = (try site.input(0), try site.input(1))
    guard (3...5).contains(x.shape.rank) else { throw site.inputError(0, expected: "of rank 3, 4 or 5") }
    guard w.shape.rank == x.shape.rank, w.dataType == x.dataType, w.shape[0] == x.shape[1] else {
      throw site.inputError(
        1, expected: "\(x.dataType.rawValue) of rank \(x.shape.rank) and \(x.shape[1]) rows")
    }
    groups = try site.int("group", default: 1)
    guard groups >= 1, x.shape[1] % groups == 0 else {
      throw site.attributeError(
        "group", expected: "a divisor of \(x.shape[1]) channels", found: "\(groups)")
    }
    images = x.shape[0]
    inputsPerGroup = x.shape[1] / groups
    outputsPerGroup = w.shape[1]
    let kernel = Array(w.shape.dimensions.dropFirst(2))
    if let given = try site.ints("kernel_shape"), given != kernel {
      throw site.attributeError(
        "kernel_shape", expected: "\(kernel), as the weights have", found: "\(given)")
    }
    guard kernel.allSatisfy({ $0 >= 1 }) else { throw site.inputError(1, expected: "not empty") }
    let channels = try site.shape([w.shape[1], groups]).count
    if let bias = site.optionalInput(2), bias.shape.dimensions != [channels] {
      throw site.inputError(2, expected: "\(x.dataType.rawValue)[\(channels)]")
    }
    axes = try Self.axes(site, Array(x.shape.dimensions.dropFirst(2)), kernel)
    output = try site.shape([images, channels] + axes.map(\.output))
  }

  private static func axes(_ site: OperatorSite, _ input: [Int], _ kernel: [Int]) throws -> [SpatialAxis] {
    let (rank, limit) = (input.count, OperatorSite.magnitudeLimit)
    let strides = try site.ints("strides", count: rank, in: 1...limit, default: 1)
    let dilations = try site.ints("dilations", count: rank, in: 1...limit, default: 1)
    let pads = try site.ints("pads", count: 2 * rank, in: 0...limit, default: 0)
    let extra = try site.ints("output_padding", count: rank, in: 0...limit, default: 0)
    let sizes = try site.ints("output_shape").map { $0.count == rank + 2 ? Array($0.dropFirst(2)) : $0 }
    if let sizes, sizes.count != rank || !sizes.allSatisfy({ (1...limit).contains($0) }) {
      throw site.attributeError("output_shape", expected: "\(rank) positive integers", found: "\(sizes)")
    }
    let mode = try site.autoPad()
    return try (0..<rank).map { axis in
      guard (1...limit).contains(input[axis]) else { throw site.inputError(0, expected: "not empty") }
      var result = SpatialAxis(
        input: input[axis], kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis])
      let full = (input[axis] - 1) * strides[axis] + extra[axis] + result.extent
      let wanted =
        sizes?[axis] ?? (mode == .sameUpper || mode == .sameLower ? input[axis] * strides[axis] : nil)
      if let wanted {
        let total = max(0, full - wanted)
        result.padBegin = mode == .sameUpper ? total / 2 : total - total / 2
        result.output = wanted
      } else {
        if mode == .explicit { (result.padBegin, result.padEnd) = (pads[axis], pads[axis + rank]) }
        result.output = full - result.padBegin - result.padEnd
      }
      guard result.output >= 1 else {
        throw site.attributeError("pads", expected: "less than the output's size", found: "\(pads)")
      }
      return result
    }
  }

  /// As the kernels of channels-last images take it; nil for groups of channels and for three axes.
  package var window: TransposedWindow? {
    guard groups == 1, axes.count <= 2 else { return nil }
    let (_, rows, columns) = axes.asVolume
    func axis(_ axis: SpatialAxis) -> TransposedWindow.Axis {
      TransposedWindow.Axis(
        input: axis.input, output: axis.output, kernel: axis.kernel, stride: axis.stride,
        dilation: axis.dilation, pad: axis.padBegin)
    }
    return TransposedWindow(
      rows: axis(rows), columns: axis(columns), channels: inputsPerGroup, outputs: outputsPerGroup)
  }
}
