import Kernels
import Operators

/// A convolution over channels-last values: windows gathered into rows, block by block, times the weights.
struct ConvolutionBody: Sendable {
  /// Over one image and the channels of one group.
  let window: ConvolutionWindow
  /// One per group of channels; all of them read floats, or all read bytes of one scale.
  let kernels: [LayerKernel]
  let epilogue: LayerEpilogue
  let outputs: Int

  private var groups: Int { kernels.count }
  private var groupOutputs: Int { outputs / groups }
  private var elementBytes: Int { kernels[0].inputBytes }
  private var outputBytes: Int { kernels[0].outputBytes }
  private var rowUnit: Int { kernels.map(\.rowUnit).max() ?? 12 }

  /// Inputs: x [images, H, W, C], and the residual or nil. Output: y [images, H', W', outputs].
  func body(images: Int) -> OperatorBody {
    window.isPointwise
      ? direct(rows: images * window.outputPixels) : gathered(images: images, pixels: 0..<window.outputPixels)
  }

  /// By samples, and by pixels at whole tiles.
  func slicings(images: Int) -> [Slicing] {
    let pixels = window.outputPixels
    let samples = Slicing(
      count: images, inputStrides: [imageBytes, pixels * outputs * 4],
      outputStrides: [pixels * outputs * outputBytes], isSamples: true, isExact: !window.isPointwise
    ) { body(images: $0.count) }
    if window.isPointwise {
      let rows = Slicing(
        count: images * pixels, unit: rowUnit, minimum: 24,
        inputStrides: [window.pixelStride * elementBytes, outputs * 4], outputStrides: [outputs * outputBytes]
      ) { direct(rows: $0.count) }
      return [samples, rows]
    }
    guard images == 1 else { return [samples] }
    let parts = Slicing(
      count: pixels, unit: rowUnit, minimum: 24, inputStrides: [0, 0], outputStrides: [0]
    ) { gathered(images: 1, pixels: $0) }
    return [samples, parts]
  }

  private var imageBytes: Int { window.height * window.width * window.pixelStride * elementBytes }

  private func scratchBytes(_ rows: Int) -> Int { kernels.map { $0.scratchBytes(rows: rows) }.max() ?? 0 }

  /// Each pixel is a row as it stands.
  private func direct(rows: Int) -> OperatorBody {
    OperatorBody(scratchBytes: scratchBytes(rows)) { [self] arguments in
      guard let x = arguments.inputs[0], let y = arguments.outputs[0], let scratch = arguments.scratch else {
        return
      }
      for group in 0..<groups {
        multiply(
          group, rows: rows, at: 0, x: x + group * window.channels * elementBytes, ldx: window.pixelStride,
          y: y,
          residual: arguments.inputs[1], scratch: scratch)
      }
    }
  }

  /// Some pixels of each image.
  private func gathered(images: Int, pixels: Range<Int>) -> OperatorBody {
    let gather = PatchGather(window)
    let depth = window.patchSize
    let block = max(1, min(pixels.count, gather.pixelsPerBlock(elementBytes: elementBytes)))
    let patchBytes = (block * depth * elementBytes + 63) / 64 * 64
    let last = pixels.count % block
    let kernelBytes = max(scratchBytes(block), last == 0 ? 0 : scratchBytes(last))
    return OperatorBody(scratchBytes: patchBytes + kernelBytes) { [self] arguments in
      guard let x = arguments.inputs[0], let y = arguments.outputs[0], let scratch = arguments.scratch else {
        return
      }
      for image in 0..<images {
        for start in stride(from: pixels.lowerBound, to: pixels.upperBound, by: block) {
          let range = start..<min(pixels.upperBound, start + block)
          for group in 0..<groups {
            let from = x + image * imageBytes + group * window.channels * elementBytes
            collect(range, of: from, for: kernels[group], gather, into: scratch)
            multiply(
              group, rows: range.count, at: image * window.outputPixels + start, x: scratch, ldx: depth, y: y,
              residual: arguments.inputs[1], scratch: scratch + patchBytes)
          }
        }
      }
    }
  }

  private func collect(
    _ pixels: Range<Int>, of image: UnsafeRawPointer, for kernel: LayerKernel, _ gather: PatchGather,
    into patches: UnsafeMutableRawPointer
  ) {
    switch kernel {
    case .float:
      gather.gatherFloats(
        image.assumingMemoryBound(to: Float.self), pixels: pixels,
        into: patches.assumingMemoryBound(to: Float.self), ldr: window.patchSize)
    case .integer(_, let input, _):
      gather.gatherBytes(
        image.assumingMemoryBound(to: UInt8.self), pixels: pixels,
        zeroPoint: UInt8(truncatingIfNeeded: input.zeroPoint),
        into: patches.assumingMemoryBound(to: UInt8.self), ldr: window.patchSize)
    }
  }

  /// Rows of y from `at` on, the columns of one group.
  @inline(__always)
  private func multiply(
    _ group: Int, rows: Int, at: Int, x: UnsafeRawPointer, ldx: Int, y: UnsafeMutableRawPointer,
    residual: UnsafeRawPointer?, scratch: UnsafeMutableRawPointer
  ) {
    let kernel = kernels[group]
    let place = at * outputs + group * groupOutputs
    kernel.multiply(
      rows: rows, x: x, ldx: ldx, y: y + place * kernel.outputBytes, ldy: outputs,
      epilogue: epilogue.epilogue(
        first: group * groupOutputs, residual: residual.map { $0 + place * MemoryLayout<Float>.stride },
        ldr: outputs),
      scratch: scratch)
  }
}
