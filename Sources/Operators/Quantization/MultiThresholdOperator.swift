import GraphIR
import Kernels
import TensorCore

/// MultiThreshold of FINN: how many of its channel's thresholds a value reaches, times `out_scale` plus `out_bias`.
///
/// Thresholds are [channels or 1, steps]. Channels are the second axis of matrices and, unless `data_layout` is NHWC, of
/// images; the last axis of all else.
struct MultiThresholdOperator: Operator {
  let kinds = QONNX.kinds("MultiThreshold")

  func traits(of kind: OperatorKind) -> OperatorTraits { .opaque("it counts thresholds") }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32])
    let thresholds = try site.input(1, of: [.float32]).shape
    let axis = try axis(site)
    guard thresholds.rank == 2, thresholds[0] == 1 || thresholds[0] == type.shape[axis] else {
      throw site.inputError(1, expected: "thresholds [\(type.shape[axis]) or 1, steps]")
    }
    return [type]
  }

  private func axis(_ site: OperatorSite) throws -> Int {
    let rank = try site.input(0).shape.rank
    guard rank >= 1 else { throw site.inputError(0, expected: "of rank 1 or more") }
    let layout = try site.string("data_layout", default: "NCHW", choices: ["NCHW", "NHWC", "NC", "NWC"])
    switch rank {
    case 2: return 1
    case 4 where layout == "NCHW": return 1
    default: return rank - 1
    }
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let lines = AxisLines(shape: outputs[0].shape, axis: try axis(site))
    let thresholds = try site.input(1).shape
    let (step, steps) = (thresholds[0] == 1 ? 0 : thresholds[1], thresholds[1])
    let scale = try site.float("out_scale", default: 1)
    let bias = try site.float("out_bias", default: 0)
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      let input = arguments.input(0, as: Float.self)
      let limits = arguments.input(1, as: Float.self)
      for block in 0..<lines.outer {
        for channel in 0..<lines.count {
          let own = limits + channel * step
          for place in 0..<lines.inner {
            let index = (block * lines.count + channel) * lines.inner + place
            var count: Int32 = 0
            for threshold in 0..<steps { count &+= input[index] >= own[threshold] ? 1 : 0 }
            output[index] = scale * Float(count) + bias
          }
        }
      }
    }
  }
}
