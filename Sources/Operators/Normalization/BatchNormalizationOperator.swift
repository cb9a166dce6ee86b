import GraphIR
import Kernels
import TensorCore

/// BatchNormalization for inference: y = (x - mean) / sqrt(variance + epsilon) * scale + bias, per channel (axis 1).
struct BatchNormalizationOperator: Operator {
  let kinds: [OperatorKind] = ["BatchNormalization"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: .inPlace) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    let trains = try site.flag("training_mode")
    try site.expectOutputs(atMost: trains ? 3 : 1)
    guard try site.flag("spatial", default: true) else {
      throw site.attributeError("spatial", expected: "1", found: "0")
    }
    guard type.shape.rank >= 1 else { throw site.inputError(0, expected: "of rank 1 or more") }
    let channels = type.shape.rank > 1 ? type.shape[1] : 1
    for index in 1...4 where try site.input(index).shape.count != channels {
      throw site.inputError(index, expected: "of \(channels) values")
    }
    let running = try [3, 4].map { try site.input($0) }
    return trains ? [type] + running : [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = outputs[0].shape
    let channels = shape.rank > 1 ? shape[1] : 1
    let inner = shape.dimensions.dropFirst(2).reduce(1, *)
    let epsilon = Double(try site.float("epsilon", default: 1e-5))
    if try site.flag("training_mode") {
      let momentum = Double(try site.float("momentum", default: 0.9))
      return try site.dispatchReal(
        0, BatchTraining(shape: shape, epsilon: epsilon, momentum: momentum, wanted: outputs.count))
    }
    if outputs[0].dataType == .float64 {
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Double.self) else { return }
        let inputs = (0..<5).map { arguments.input($0, as: Double.self) }
        for index in 0..<shape.count {
          let channel = index / inner % max(channels, 1)
          let deviation = (inputs[4][channel] + epsilon).squareRoot()
          output[index] =
            (inputs[0][index] - inputs[3][channel]) / deviation * inputs[1][channel] + inputs[2][channel]
        }
      }
    }
    let vector = table.vector
    // Scale and offset of each channel first; then one multiplication and addition per element.
    return OperatorBody(scratchBytes: aligned(channels * 8)) { arguments in
      guard let output = arguments.output(0, as: Float.self), channels > 0 else { return }
      let input = arguments.input(0, as: Float.self)
      let (scale, bias) = (arguments.input(1, as: Float.self), arguments.input(2, as: Float.self))
      let (mean, variance) = (arguments.input(3, as: Float.self), arguments.input(4, as: Float.self))
      let factors = arguments.scratch(as: Float.self)
      let offsets = factors + channels
      for channel in 0..<channels {
        let factor = Double(scale[channel]) / (Double(variance[channel]) + epsilon).squareRoot()
        factors[channel] = Float(factor)
        offsets[channel] = Float(Double(bias[channel]) - Double(mean[channel]) * factor)
      }
      let images = shape.rank > 0 ? shape[0] : 1
      if inner == 1 {
        vector.kernels.pointee.f32_mul_vv(images, channels, input, channels, factors, 0, output)
        vector.kernels.pointee.f32_add_vv(images, channels, output, channels, offsets, 0, output)
        return
      }
      for plane in 0..<images * channels {
        let channel = plane % channels
        vector.kernels.pointee.f32_affine(
          inner, input + plane * inner, factors[channel], offsets[channel], output + plane * inner)
      }
    }
  }
}
