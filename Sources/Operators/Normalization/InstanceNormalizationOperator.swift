import GraphIR
import Kernels
import TensorCore

/// InstanceNormalization: every channel of every sample has mean 0 and variance 1, then scale and bias per channel.
struct InstanceNormalizationOperator: Operator {
  let kinds: [OperatorKind] = ["InstanceNormalization"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: .inPlace) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32] + DataType.halves)
    guard type.shape.rank >= 2 else { throw site.inputError(0, expected: "of rank 2 or more") }
    for index in 1...2 where try site.input(index).shape.count != type.shape[1] {
      throw site.inputError(index, expected: "of \(type.shape[1]) values")
    }
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = outputs[0].shape
    return normalizeGroups(
      images: shape[0], groups: shape[1], channelsPerGroup: 1,
      inner: shape.dimensions.dropFirst(2).reduce(1, *),
      scalesPerGroup: false, epsilon: try site.float("epsilon", default: 1e-5), table: table.vector)
  }
}

/// GroupNormalization: as above over groups of channels. Scale and bias are per group up to opset 20, per channel from 21.
struct GroupNormalizationOperator: Operator {
  let kinds: [OperatorKind] = ["GroupNormalization"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: .inPlace) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32] + DataType.halves)
    guard type.shape.rank >= 2 else { throw site.inputError(0, expected: "of rank 2 or more") }
    let groups = try site.int("num_groups", default: 0)
    guard groups >= 1, type.shape[1] % groups == 0 else {
      throw site.attributeError("num_groups", expected: "a divisor of \(type.shape[1])", found: "\(groups)")
    }
    for index in 1...2 where try site.input(index).shape.count != (site.opset < 21 ? groups : type.shape[1]) {
      throw site.inputError(index, expected: "one value per \(site.opset < 21 ? "group" : "channel")")
    }
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = outputs[0].shape
    let groups = try site.int("num_groups", default: 1)
    return normalizeGroups(
      images: shape[0], groups: groups, channelsPerGroup: shape[1] / groups,
      inner: shape.dimensions.dropFirst(2).reduce(1, *), scalesPerGroup: site.opset < 21,
      epsilon: try site.float("epsilon", default: 1e-5), table: table.vector)
  }
}

/// Normalizes each group of channels of each image, then scales each channel.
private func normalizeGroups(
  images: Int, groups: Int, channelsPerGroup: Int, inner: Int, scalesPerGroup: Bool, epsilon: Float,
  table: VectorTable
) -> OperatorBody {
  let channels = groups * channelsPerGroup
  let vector = table
  return OperatorBody { arguments in
    guard let output = arguments.output(0, as: Float.self) else { return }
    let (scale, bias) = (arguments.input(1, as: Float.self), arguments.input(2, as: Float.self))
    vector.kernels.pointee.f32_layer_norm_rows(
      images * groups, channelsPerGroup * inner, arguments.input(0), nil, nil, epsilon, output)
    for plane in 0..<images * channels {
      let channel = plane % channels
      let place = scalesPerGroup ? channel / channelsPerGroup : channel
      vector.kernels.pointee.f32_affine(
        inner, output + plane * inner, scale[place], bias[place], output + plane * inner)
    }
  }
}
