/// By what it is judged which weights, or which neurons, filters, heads or branches, matter least.
///
/// Criteria that need gradients belong here too, once there is something to make gradients.
package enum PruningMethod: String, SettingChoice {
  case magnitude, wanda
  case brainSurgeon = "obs"
  case sparseGPT = "sparsegpt"
  case l1
  case geometricMedian = "geometric-median"
  case batchNorm = "batch-norm"
  case activation, variance, random

  package var note: MethodNote {
    switch self {
    case .magnitude:
      MethodNote(
        "The smallest weights go; of neurons and filters those of the smallest L2 norm.",
        source: "Han et al. 2015, arXiv:1506.02626; Li et al. 2017, arXiv:1608.08710")
    case .wanda:
      MethodNote(
        "The smallest products of a weight and the norm of what it reads go, output by output.",
        needs: "calibration data", source: "Sun et al. 2023, arXiv:2306.11695")
    case .brainSurgeon:
      MethodNote(
        "One weight after the other goes that costs a layer's output least, the rest making up for it.",
        needs: "calibration data",
        source: "Hassibi, Stork 1993, doi:10.1109/ICNN.1993.298572; Frantar, Alistarh 2022, arXiv:2208.11580",
        isHeavy: true)
    case .sparseGPT:
      MethodNote(
        "Column by column the cheapest weights go, the columns behind making up for it.",
        needs: "calibration data", source: "Frantar, Alistarh 2023, arXiv:2301.00774", isHeavy: true)
    case .l1:
      MethodNote(
        "Neurons and filters of the smallest L1 norm go; single weights are judged by magnitude.",
        source: "Li et al. 2017, arXiv:1608.08710")
    case .geometricMedian:
      MethodNote(
        "Neurons and filters nearest to all others go, which the others can stand for.",
        source: "He et al. 2019, arXiv:1811.00250")
    case .batchNorm:
      MethodNote(
        "Channels of the smallest batch-normalization scale go.",
        needs: "batch normalization behind the layer", source: "Liu et al. 2017, arXiv:1708.06519")
    case .activation:
      MethodNote(
        "Channels of the smallest mean activation go.", needs: "calibration data",
        source: "Molchanov et al. 2017, arXiv:1611.06440")
    case .variance:
      MethodNote(
        "Channels that vary least go; their mean can be folded into what follows.",
        needs: "calibration data", source: "Polyak, Wolf 2015, doi:10.1109/ACCESS.2015.2494536")
    case .random:
      MethodNote(
        "Anything goes, drawn with a fixed seed: the control that a method has to beat.",
        source: "Blalock et al. 2020, arXiv:2003.03033")
    }
  }

  /// Whether it judges single weights by more than their magnitude, and channels by more than their norm.
  var needsInputs: Bool {
    switch self {
    case .wanda, .brainSurgeon, .sparseGPT: true
    case .magnitude, .l1, .geometricMedian, .batchNorm, .activation, .variance, .random: false
    }
  }
}
