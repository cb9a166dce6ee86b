import GraphIR
import TensorCore

/// The checked sizes of a convolution, and how its input unfolds into columns.
struct ConvolutionPlan: Sendable {
  let images: Int
  let groups: Int
  let inputsPerGroup: Int
  let outputsPerGroup: Int
  let axes: [SpatialAxis]
  let inputCount: Int
  let outputCount: Int
  let output: Shape
  /// Rows of the unfolded input: channels of a group times window places.
  let depth: Int
  /// Output positions unfolded at a time, so that the columns stay in the cache.
  let tile: Int

  /// - Parameters:
  ///   - weights, bias: the inputs that hold them.
  ///   - mixesTypes: whether input, weights and bias may differ in type, as those of quantized convolutions do.
  init(_ site: OperatorSite, weights: Int = 1, bias biasInput: Int = 2, mixesTypes: Bool = false) throws {
    let (x, w) = (try site.input(0), try site.input(weights))
    guard (3...5).contains(x.shape.rank) else { throw site.inputError(0, expected: "of rank 3, 4 or 5") }
    guard w.shape.rank == x.shape.rank, mixesTypes || w.dataType == x.dataType else {
      throw site.inputError(weights, expected: "\(x.dataType.rawValue) of rank \(x.shape.rank)")
    }
    groups = try site.int("group", default: 1)
    guard groups >= 1, x.shape[1] % groups == 0, w.shape[0] % groups == 0 else {
      throw site.attributeError(
        "group", expected: "a divisor of \(x.shape[1]) and \(w.shape[0]) channels", found: "\(groups)")
    }
    inputsPerGroup = x.shape[1] / groups
    outputsPerGroup = w.shape[0] / groups
    guard w.shape[1] == inputsPerGroup else {
      throw site.inputError(weights, expected: "of \(inputsPerGroup) input channels per group")
    }
    let kernel = Array(w.shape.dimensions.dropFirst(2))
    if let given = try site.ints("kernel_shape"), given != kernel {
      throw site.attributeError("kernel_shape", expected: "\(kernel), as the weights have", found: "\(given)")
    }
    if let bias = site.optionalInput(biasInput),
      bias.shape.dimensions != [w.shape[0]] || !(mixesTypes || bias.dataType == x.dataType)
    {
      throw site.inputError(biasInput, expected: "\(x.dataType.rawValue)[\(w.shape[0])]")
    }
    images = x.shape[0]
    axes = try site.window(over: Array(x.shape.dimensions.dropFirst(2)), kernel: kernel)
    inputCount = axes.inputCount
    output = try site.shape([images, w.shape[0]] + axes.map(\.output))
    outputCount = axes.outputCount
    depth = inputsPerGroup * axes.kernelCount
    tile = max(1, min(axes.outputCount, max(48, (1 << 17) / max(depth, 1))))
  }

  /// Sums products window by window, for element types without a kernel; places in the padding count nothing.
  /// - Parameters:
  ///   - step: adds to a sum the product of an input element and a weight of output channel `channel`.
  ///   - finish: takes the sum of output element `place`.
  @inline(__always)
  func direct<X, W, Sum>(
    _ input: UnsafePointer<X>, _ weights: UnsafePointer<W>, zero: Sum,
    step: (_ sum: Sum, _ x: X, _ w: W, _ channel: Int) -> Sum,
    finish: (_ place: Int, _ channel: Int, _ sum: Sum) -> Void
  ) {
    let (deep, high, wide) = axes.asVolume
    let kernel = axes.kernelCount
    var place = 0
    for image in 0..<images {
      for channel in 0..<groups * outputsPerGroup {
        let first = (image * groups + channel / outputsPerGroup) * inputsPerGroup
        for z in 0..<deep.output {
          for y in 0..<high.output {
            for x in 0..<wide.output {
              var sum = zero
              for member in 0..<inputsPerGroup {
                let plane = input + (first + member) * inputCount
                let taps = weights + (channel * inputsPerGroup + member) * kernel
                for w in deep.inside(z) {
                  for v in high.inside(y) {
                    let line = plane + (deep.index(z, w) * high.input + high.index(y, v)) * wide.input
                    for u in wide.inside(x) {
                      sum = step(
                        sum, line[wide.index(x, u)], taps[(w * high.kernel + v) * wide.kernel + u], channel)
                    }
                  }
                }
              }
              finish(place, channel, sum)
              place += 1
            }
          }
        }
      }
    }
  }

  /// Whether the input itself serves as columns: a window of one place that visits every place in order.
  var readsInPlace: Bool {
    axes.allSatisfy { $0.kernel == 1 && $0.stride == 1 && $0.padBegin == 0 && $0.padEnd == 0 }
  }

  /// Writes, for every channel of a group and every window place, the input under it at output `positions`.
  func unfold(
    _ input: UnsafePointer<Float>, positions: Range<Int>, into columns: UnsafeMutablePointer<Float>,
    rowLength: Int
  ) {
    let (depthAxis, height, width) = axes.asVolume
    var target = columns
    for channel in 0..<inputsPerGroup {
      let image = input + channel * inputCount
      for placeDepth in 0..<depthAxis.kernel {
        for placeHeight in 0..<height.kernel {
          for placeWidth in 0..<width.kernel {
            fill(
              target, image, positions, depthAxis, height, width, (placeDepth, placeHeight, placeWidth))
            target += rowLength
          }
        }
      }
    }
  }

  /// One row of columns: output rows are runs along the width, whose parts outside the input are zero.
  private func fill(
    _ row: UnsafeMutablePointer<Float>, _ image: UnsafePointer<Float>, _ positions: Range<Int>,
    _ depth: SpatialAxis, _ height: SpatialAxis, _ width: SpatialAxis, _ place: (Int, Int, Int)
  ) {
    var position = positions.lowerBound
    var target = row
    while position < positions.upperBound {
      let first = position % width.output
      let count = min(width.output - first, positions.upperBound - position)
      let line = position / width.output
      let z = depth.index(line / height.output, place.0)
      let y = height.index(line % height.output, place.1)
      if z < 0 || z >= depth.input || y < 0 || y >= height.input {
        target.update(repeating: 0, count: count)
      } else {
        copyRun(
          from: image + (z * height.input + y) * width.input, width, place.2, outputs: first..<first + count,
          to: target)
      }
      target += count
      position += count
    }
  }

  private func copyRun(
    from line: UnsafePointer<Float>, _ width: SpatialAxis, _ place: Int, outputs: Range<Int>,
    to target: UnsafeMutablePointer<Float>
  ) {
    let shift = place * width.dilation - width.padBegin
    // Outputs whose input index is inside: 0 <= output * stride + shift < input.
    let firstInside = shift >= 0 ? 0 : (-shift + width.stride - 1) / width.stride
    let endInside = width.input > shift ? (width.input - shift + width.stride - 1) / width.stride : 0
    let begin = min(max(firstInside, outputs.lowerBound), outputs.upperBound)
    let end = max(begin, min(endInside, outputs.upperBound))
    target.update(repeating: 0, count: begin - outputs.lowerBound)
    var write = target + (begin - outputs.lowerBound)
    if begin < end {
      var read = line + (begin * width.stride + shift)
      if width.stride == 1 {
        write.update(from: read, count: end - begin)
        write += end - begin
      } else {
        for index in 0..<end - begin {
          write[index] = read.pointee
          // The last step would leave the line.
          if index + 1 < end - begin { read += width.stride }
        }
        write += end - begin
      }
    }
    write.update(repeating: 0, count: outputs.upperBound - end)
  }
}
