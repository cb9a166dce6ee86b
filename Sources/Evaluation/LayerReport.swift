import Compression
import Execution
import Kernels
import TensorCore

/// Puts what is known of each layer side by side: size, time, kernel, and why a setting did not help.
struct LayerReport {
  let catalog: LayerCatalog
  let originalPlan: ModelPlan
  /// Below this a layer's time is mostly the cost of calling it.
  private static let shortest = 2_000.0
  /// Timed runs below which nothing is said about speed.
  private static let fewestRuns = 5

  /// - Parameters:
  ///   - plan: nil before the compressed model is planned: sizes and the compressor's remarks only.
  ///   - times: of both models; nil before they are timed.
  func readings(
    of compressed: CompressedModel, plan: ModelPlan?, times: (original: StepTimes, compressed: StepTimes)?
  ) -> [LayerReading] {
    let before = LayerReport.byNode(originalPlan.layers)
    let after = LayerReport.byNode(plan?.layers ?? [])
    return compressed.layers.map { layer in
      let parts = layer.nodes.compactMap { after[$0] }
      var reading = LayerReading(
        name: layer.name, kind: catalog[layer.name]?.kind ?? "", size: layer.size,
        nanoseconds: times?.compressed.nanoseconds(of: Set(layer.nodes)),
        originalNanoseconds: times?.original.nanoseconds(of: [catalog[layer.name]?.node ?? layer.name]),
        kernel: LayerReport.unique(parts.map { "\($0.kernel)" }).joined(separator: " + "),
        remarks: layer.remarks)
      let settings = compressed.recipe.settings(for: layer.name)
      // What a model comes with in fewer bits is worth a word as it is, too.
      guard plan != nil, !settings.isIdentity || catalog[layer.name]?.stored != nil else { return reading }
      reading.remarks += LayerReport.unique(parts.compactMap { $0.remark.map { "\($0)" } })
      guard !settings.isIdentity else { return reading }
      if reading.remarks.isEmpty, let times, times.compressed.count >= LayerReport.fewestRuns,
        let remark = LayerReport.remark(
          reading, kernels: parts.map(\.kernel), original: before[layer.name]?.kernel)
      {
        reading.remarks.append(remark)
      }
      return reading
    }
  }

  /// Why a layer that was asked to shrink did not get faster or smaller, by what was measured; nil where it did.
  /// - Parameter kernels: one for each node that computes the layer now.
  private static func remark(
    _ reading: LayerReading, kernels: [KernelIdentity], original: KernelIdentity?
  ) -> String? {
    if reading.size.bytes >= reading.size.originalBytes { return "no smaller than the original" }
    guard let time = reading.nanoseconds, let before = reading.originalNanoseconds, time > 0.97 * before
    else {
      return nil
    }
    if time <= 1.03 * before, let original, kernels == [original] {
      return "no faster: runs the same kernel as the original"
    }
    if before < shortest { return "no faster: too short, the call itself takes most of the time" }
    if kernels.count > 1 { return "no faster: two small products take as long as one" }
    return "smaller, but no faster with this kernel"
  }

  private static func byNode(_ layers: [PlannedLayer]) -> [String: PlannedLayer] {
    Dictionary(layers.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private static func unique(_ texts: [String]) -> [String] {
    var seen = Set<String>()
    return texts.filter { seen.insert($0).inserted }
  }
}
