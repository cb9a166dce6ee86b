import GraphIR
import Kernels
import TensorCore

/// Conv over one to three spatial axes, with groups, strides, dilations and every kind of padding.
///
/// Input [N, C, ...], weights [M, C / group, ...], optional bias [M]; output [N, M, ...].
struct ConvOperator: Operator {
  let kinds: [OperatorKind] = ["Conv"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.convolution()) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    let plan = try ConvolutionPlan(site)
    return [TensorType(type.dataType, plan.output)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let plan = try ConvolutionPlan(site)
    let hasBias = site.optionalInput(2) != nil
    let vector = table.vector
    let (depth, tile) = (plan.depth, plan.tile)
    guard outputs[0].dataType == .float32 else {
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Double.self) else { return }
        let bias = hasBias ? arguments.input(2, as: Double.self) : nil
        plan.direct(
          arguments.input(0, as: Double.self), arguments.input(1, as: Double.self), zero: 0.0,
          step: { sum, x, w, _ in sum + x * w },
          finish: { place, channel, sum in output[place] = sum + (bias?[channel] ?? 0) })
      }
    }
    return OperatorBody(scratchBytes: plan.readsInPlace ? 0 : aligned(depth * tile * 4)) { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      let (input, weights) = (arguments.input(0, as: Float.self), arguments.input(1, as: Float.self))
      for image in 0..<plan.images {
        for group in 0..<plan.groups {
          let rows = plan.outputsPerGroup
          let source = input + (image * plan.groups + group) * plan.inputsPerGroup * plan.inputCount
          let target = output + (image * plan.groups + group) * rows * plan.outputCount
          if hasBias {
            let bias = arguments.input(2, as: Float.self) + group * rows
            for row in 0..<rows {
              (target + row * plan.outputCount).update(repeating: bias[row], count: plan.outputCount)
            }
          }
          let groupWeights = weights + group * rows * depth
          if plan.readsInPlace {
            vector.kernels.pointee.f32_matmul(
              rows, plan.outputCount, depth, groupWeights, depth, 1, source, plan.inputCount, target,
              plan.outputCount, hasBias ? 1 : 0)
            continue
          }
          let columns = arguments.scratch(as: Float.self)
          for start in stride(from: 0, to: plan.outputCount, by: tile) {
            let count = min(tile, plan.outputCount - start)
            plan.unfold(source, positions: start..<start + count, into: columns, rowLength: count)
            vector.kernels.pointee.f32_matmul(
              rows, count, depth, groupWeights, depth, 1, columns, count, target + start, plan.outputCount,
              hasBias ? 1 : 0)
          }
        }
      }
    }
  }
}
