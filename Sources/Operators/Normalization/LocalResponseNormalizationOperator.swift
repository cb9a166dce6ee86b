import Glibc
import GraphIR
import Kernels
import TensorCore

/// LRN across channels: y = x / (bias + alpha / size * sum of squares of `size` neighbouring channels)^beta.
struct LocalResponseNormalizationOperator: Operator {
  let kinds: [OperatorKind] = ["LRN"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .rowwise(.channels, .declined("no rule: sums over neighbouring channels"))
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32] + DataType.halves)
    guard type.shape.rank >= 2 else { throw site.inputError(0, expected: "of rank 2 or more") }
    let size = try site.int("size", default: 0)
    guard size >= 1, size <= OperatorSite.magnitudeLimit else {
      throw site.attributeError("size", expected: "at least 1", found: "\(size)")
    }
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let lines = AxisLines(shape: outputs[0].shape, axis: 1)
    let size = try site.int("size", default: 1)
    let (below, above) = ((size - 1) / 2, size - 1 - (size - 1) / 2)
    let alpha = Double(try site.float("alpha", default: 0.0001)) / Double(size)
    let beta = Double(try site.float("beta", default: 0.75))
    let bias = Double(try site.float("bias", default: 1))
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      let input = arguments.input(0, as: Float.self)
      lines.forEach { _, start in
        for channel in 0..<lines.count {
          var sum = 0.0
          for other in max(0, channel - below)...min(lines.count - 1, channel + above) {
            let value = Double(input[start + other * lines.inner])
            sum += value * value
          }
          let at = start + channel * lines.inner
          output[at] = Float(Double(input[at]) / pow(bias + alpha * sum, beta))
        }
      }
    }
  }
}
