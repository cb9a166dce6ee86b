import GraphIR
import Kernels
import TensorCore

/// The sizes of a one- or two-dimensional convolution or pooling window; one dimension is two with height 1.
struct WindowGeometry: Hashable, Sendable {
  let batch: Int
  let channels: Int
  let inHeight: Int
  let inWidth: Int
  let outHeight: Int
  let outWidth: Int
  let kernelHeight: Int
  let kernelWidth: Int
  let strideHeight: Int
  let strideWidth: Int
  let dilationHeight: Int
  let dilationWidth: Int
  let padTop: Int
  let padLeft: Int

  /// Rows that the padded input needs so that every window lies inside.
  var paddedHeight: Int {
    max(padTop + inHeight, (outHeight - 1) * strideHeight + (kernelHeight - 1) * dilationHeight + 1)
  }
  var paddedWidth: Int {
    max(padLeft + inWidth, (outWidth - 1) * strideWidth + (kernelWidth - 1) * dilationWidth + 1)
  }
  /// The window over one image as the kernels take it; `groupChannels` of the channels at a time.
  func kernelWindow(groupChannels: Int) -> ConvolutionWindow {
    ConvolutionWindow(
      height: inHeight, width: inWidth, channels: groupChannels, pixelStride: channels,
      kernel: (kernelHeight, kernelWidth), stride: (strideHeight, strideWidth),
      pads: (padTop, padLeft, paddedHeight - padTop - inHeight, paddedWidth - padLeft - inWidth),
      dilation: (dilationHeight, dilationWidth))
  }

  /// Reads the attributes of a Conv or pooling node; nil where there are more than two spatial dimensions, or
  /// anything the direct kernels do not cover (the general operator then runs, or refuses).
  init?(_ node: Node, input: Shape, output: Shape, kernel: [Int]) {
    let spatial = input.rank - 2
    guard (1...2).contains(spatial), output.rank == input.rank, kernel.count == spatial,
      input.count > 0, output.count > 0, kernel.allSatisfy({ $0 > 0 })
    else { return nil }
    let strides = node.ints("strides") ?? Array(repeating: 1, count: spatial)
    let dilations = node.ints("dilations") ?? Array(repeating: 1, count: spatial)
    guard strides.count == spatial, dilations.count == spatial, strides.allSatisfy({ $0 > 0 }),
      dilations.allSatisfy({ $0 > 0 && $0 < 1 << 24 }), kernel.allSatisfy({ $0 < 1 << 24 })
    else { return nil }
    guard
      let before = WindowGeometry.leadingPads(
        node, input: input, output: output, kernel: kernel, strides: strides, dilations: dilations)
    else { return nil }
    let flat = spatial == 1
    func pair(_ values: [Int], _ missing: Int) -> (Int, Int) {
      flat ? (missing, values[0]) : (values[0], values[1])
    }
    batch = input[0]
    channels = input[1]
    (inHeight, inWidth) = pair(Array(input.dimensions[2...]), 1)
    (outHeight, outWidth) = pair(Array(output.dimensions[2...]), 1)
    (kernelHeight, kernelWidth) = pair(kernel, 1)
    (strideHeight, strideWidth) = pair(strides, 1)
    (dilationHeight, dilationWidth) = pair(dilations, 1)
    (padTop, padLeft) = pair(before, 0)
  }

  private static func leadingPads(
    _ node: Node, input: Shape, output: Shape, kernel: [Int], strides: [Int], dilations: [Int]
  ) -> [Int]? {
    let spatial = kernel.count
    let mode = node.string("auto_pad") ?? "NOTSET"
    switch mode {
    case "NOTSET":
      let pads = node.ints("pads") ?? Array(repeating: 0, count: 2 * spatial)
      guard pads.count == 2 * spatial, pads.allSatisfy({ (0..<1 << 24).contains($0) }) else { return nil }
      return Array(pads.prefix(spatial))
    case "VALID": return Array(repeating: 0, count: spatial)
    case "SAME_UPPER", "SAME_LOWER":
      return (0..<spatial).map { axis in
        let reach = (output[axis + 2] - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1
        let total = max(0, reach - input[axis + 2])
        return mode == "SAME_UPPER" ? total / 2 : total - total / 2
      }
    default: return nil
    }
  }
}
