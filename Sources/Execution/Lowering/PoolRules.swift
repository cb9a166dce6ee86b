import GraphIR
import Kernels
import Operators
import TensorCore

/// Pooling windows over channels-last values, floats or bytes.
struct PoolRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["MaxPool", "AveragePool"]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let input = node.input(0), let output = node.outputs.first,
      node.outputs.dropFirst().allSatisfy({ $0.isEmpty }), let kernel = node.ints("kernel_shape")
    else { return false }
    let from = try lowering.type(of: input)
    let to = try lowering.type(of: output)
    let isMaximum = node.kind == "MaxPool"
    guard from.dataType == .float32 || isMaximum && from.dataType == .uint8,
      let window = WindowGeometry(node, input: from.shape, output: to.shape, kernel: kernel),
      isMaximum || countsPlain(node)
    else { return false }
    let pool = window.pool(countsPadding: (node.int("count_include_pad") ?? 0) != 0)
    let kernels = lowering.table.vector
    let isFloat = from.dataType == .float32
    let make = { @Sendable (images: Int) in
      OperatorBody { arguments in
        guard let x = arguments.inputs[0], let y = arguments.outputs[0] else { return }
        var pool = pool
        pool.batch = images
        guard isFloat else {
          kernels.kernels.pointee.u8_max_pool_nhwc(
            &pool, x.assumingMemoryBound(to: UInt8.self), y.assumingMemoryBound(to: UInt8.self))
          return
        }
        let (from, to) = (x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self))
        if isMaximum {
          kernels.kernels.pointee.f32_max_pool_nhwc(&pool, from, to)
        } else {
          kernels.kernels.pointee.f32_average_pool_nhwc(&pool, from, to)
        }
      }
    }
    let x = try lowering.value(input, in: .channelsLast)
    lowering.emit(for: node, inputs: [x], layout: .channelsLast, samples: window.batch, make: make)
    return true
  }

  /// Averages whose divisor the kernel counts as ONNX does: not those that round the output size up and count
  /// padding, where the rules for the last window differ between operator sets.
  private func countsPlain(_ node: Node) -> Bool {
    (node.int("ceil_mode") ?? 0) == 0 || (node.int("count_include_pad") ?? 0) == 0
  }
}

extension WindowGeometry {
  func pool(countsPadding: Bool) -> PoolWindow {
    var pool = PoolWindow()
    pool.batch = batch
    (pool.height, pool.width, pool.channels) = (inHeight, inWidth, channels)
    (pool.out_height, pool.out_width) = (outHeight, outWidth)
    (pool.kernel_height, pool.kernel_width) = (kernelHeight, kernelWidth)
    (pool.stride_height, pool.stride_width) = (strideHeight, strideWidth)
    (pool.dilation_height, pool.dilation_width) = (dilationHeight, dilationWidth)
    (pool.pad_top, pool.pad_left) = (padTop, padLeft)
    // Every window ends inside the padded image, whose size follows from the output's.
    (pool.pad_bottom, pool.pad_right) = (
      paddedHeight - padTop - inHeight, paddedWidth - padLeft - inWidth
    )
    pool.count_include_pad = countsPadding ? 1 : 0
    return pool
  }
}

/// The average or maximum over all places, per channel.
struct GlobalPoolRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["GlobalAveragePool", "GlobalMaxPool"]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let input = node.input(0) else { return false }
    let type = try lowering.type(of: input)
    let source = try lowering.value(input)
    guard type.dataType == .float32, type.shape.rank >= 3, type.shape.count > 0,
      source.layout == .channelsLast || type.shape[1] == 1
    else { return false }
    let (batch, channels) = (type.shape[0], type.shape[1])
    let places = type.shape.count / (batch * channels)
    let kernels = lowering.table.vector
    let isMaximum = node.kind == "GlobalMaxPool"
    let make = { @Sendable (images: Int) in
      OperatorBody { arguments in
        guard let x = arguments.inputs[0]?.assumingMemoryBound(to: Float.self),
          let y = arguments.outputs[0]?.assumingMemoryBound(to: Float.self)
        else { return }
        if isMaximum {
          kernels.kernels.pointee.f32_global_max_pool_nhwc(images, places, channels, x, y)
        } else {
          kernels.kernels.pointee.f32_global_average_pool_nhwc(images, places, channels, x, y)
        }
      }
    }
    let x = try lowering.value(input, in: .channelsLast)
    lowering.emit(for: node, inputs: [x], layout: .channelsLast, samples: batch, make: make)
    return true
  }
}
