import GraphIR
import Kernels
import TensorCore

/// ConvTranspose over one to three spatial axes, with groups, dilations, output padding and given output sizes.
///
/// Input [N, C, ...], weights [C, M / group, ...], optional bias [M]; output [N, M, ...].
struct ConvTransposeOperator: Operator {
  let kinds: [OperatorKind] = ["ConvTranspose"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.transposedConvolution) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32] + DataType.halves)
    return [TensorType(type.dataType, try TransposedConvolutionPlan(site).output)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let plan = try TransposedConvolutionPlan(site)
    let hasBias = site.optionalInput(2) != nil
    let vector = table.vector
    let (places, inputs, outputCount) = (plan.axes.kernelCount, plan.axes.inputCount, plan.axes.outputCount)
    _ = try site.shape([places, inputs])
    let rowLength = plan.outputsPerGroup * places
    // One output channel at a time: what every input adds at every window place, then folded into the image.
    return OperatorBody(scratchBytes: aligned(places * inputs * 4)) { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      let (input, weights) = (arguments.input(0, as: Float.self), arguments.input(1, as: Float.self))
      let columns = arguments.scratch(as: Float.self)
      for image in 0..<plan.images {
        for channel in 0..<plan.groups * plan.outputsPerGroup {
          let (group, member) = (channel / plan.outputsPerGroup, channel % plan.outputsPerGroup)
          let target = output + (image * plan.groups * plan.outputsPerGroup + channel) * outputCount
          target.update(
            repeating: hasBias ? arguments.input(2, as: Float.self)[channel] : 0, count: outputCount)
          vector.kernels.pointee.f32_matmul(
            places, inputs, plan.inputsPerGroup,
            weights + group * plan.inputsPerGroup * rowLength + member * places, 1, rowLength,
            input + (image * plan.groups + group) * plan.inputsPerGroup * inputs, inputs, columns, inputs, 0)
          Self.fold(plan.axes, columns, into: target)
        }
      }
    }
  }

  private static func fold(
    _ axes: [SpatialAxis], _ columns: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>
  ) {
    let (depth, height, width) = axes.asVolume
    var source = columns
    for w in 0..<depth.kernel {
      for v in 0..<height.kernel {
        for u in 0..<width.kernel {
          for z in 0..<depth.input {
            let toZ = depth.index(z, w)
            for y in 0..<height.input {
              let toY = height.index(y, v)
              defer { source += width.input }
              guard toZ >= 0, toZ < depth.output, toY >= 0, toY < height.output else { continue }
              let line = image + (toZ * height.output + toY) * width.output
              for x in 0..<width.input {
                let toX = width.index(x, u)
                if toX >= 0, toX < width.output { line[toX] += source[x] }
              }
            }
          }
        }
      }
    }
  }
}
