import GraphIR
import Kernels
import TensorCore

/// DepthToSpace and SpaceToDepth over NCHW, in the orders DCR and CRD.
struct DepthToSpaceOperator: Operator {
  let kinds: [OperatorKind] = ["DepthToSpace", "SpaceToDepth"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: .picks) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let block = try block(site)
    guard type.shape.rank == 4 else { throw site.inputError(0, expected: "of rank 4") }
    let d = type.shape.dimensions
    if site.kind.type == "DepthToSpace" {
      guard d[1] % (block * block) == 0 else {
        throw site.inputError(0, expected: "of channels divisible by \(block * block)")
      }
      return [
        TensorType(type.dataType, try site.shape([d[0], d[1] / (block * block), d[2] * block, d[3] * block]))
      ]
    }
    guard d[2] % block == 0, d[3] % block == 0 else {
      throw site.inputError(0, expected: "of height and width divisible by \(block)")
    }
    return [
      TensorType(type.dataType, try site.shape([d[0], d[1] * block * block, d[2] / block, d[3] / block]))
    ]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let block = try block(site)
    let isDeep = site.kind.type == "SpaceToDepth"
    // The side with many channels, as [N, channel parts..., H, W], against the wide side [N, C, H, block, W, block].
    let deep = isDeep ? outputs[0].shape : type.shape
    let wide = isDeep ? type.shape : outputs[0].shape
    let (channels, height, width) = (wide[1], deep[2], deep[3])
    let isColumnFirst =
      try site.string("mode", default: "DCR", choices: ["DCR", "CRD"]) == "CRD"
    let (d, w) = (deep.strides, wide.strides)
    // Loop axes: N, C, block row, block column, H, W.
    let channelStep = isColumnFirst ? block * block : 1
    let rowStep = isColumnFirst ? block : block * channels
    let columnStep = isColumnFirst ? 1 : channels
    let deepStrides = [d[0], channelStep * d[1], rowStep * d[1], columnStep * d[1], d[2], d[3]]
    let wideStrides = [w[0], w[1], w[2], w[3], block * w[2], block * w[3]]
    let nest = LoopNest(
      extents: [wide[0], channels, block, block, height, width],
      strides: (0..<6).map {
        isDeep ? SIMD4(wideStrides[$0], 0, 0, deepStrides[$0]) : SIMD4(deepStrides[$0], 0, 0, wideStrides[$0])
      })
    return copyBody(StridedCopy(nest, of: type.dataType))
  }

  private func block(_ site: OperatorSite) throws -> Int {
    let block = try site.int("blocksize", default: 0)
    guard (1...(1 << 15)).contains(block) else {
      throw site.attributeError("blocksize", expected: "at least 1", found: "\(block)")
    }
    return block
  }
}
