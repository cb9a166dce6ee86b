import Kernels

/// Why a layer is not faster with what was done to it.
package enum KernelRemark: Hashable, Sendable {
  case zerosAmongIntegers(density: Double)
  case tooDense(density: Double)
  /// Dense was measured to be `ratio` times as fast as the fastest form without zeros.
  case denseIsFaster(density: Double, ratio: Double)
  case floatsAreFaster
  case halvesAreWidened
  case codesAreUnpacked
  case scalesAcrossRows
  case memoryBound
  case depthwiseNeedsBytes
  case depthwiseHalves
  case depthwiseZeros
}

extension KernelRemark: CustomStringConvertible {
  package var description: String {
    switch self {
    case .zerosAmongIntegers(let density):
      "zeros do not speed up integer kernels (density \(PercentLabel(density)))"
    case .tooDense(let density): "density \(PercentLabel(density)) is too high for the sparse kernel"
    case .denseIsFaster(let density, let ratio):
      "at density \(PercentLabel(density)) dense is \(ratio)x as fast as sparse"
    case .floatsAreFaster: "smaller as stored, but multiplied as floats: no kernel is faster with these codes"
    case .halvesAreWidened: "16-bit weights are widened to float: less memory, the same arithmetic"
    case .codesAreUnpacked: "activations are 32 bits: weights are unpacked to float"
    case .scalesAcrossRows: "no kernel takes its codes in the order in which they are stored: runs as float"
    case .memoryBound: "memory-bound: reads each weight once per run"
    case .depthwiseNeedsBytes: "activations are 32 bits: runs as float"
    case .depthwiseHalves: "no 16-bit kernel for depthwise convolutions: runs as float"
    case .depthwiseZeros: "no sparse kernel for depthwise convolutions"
    }
  }
}
