import Compression
import Execution
import Kernels
import TensorCore

/// Puts what is known of each layer side by side: size, time, kernel, and why a setting did not help.
struct LayerReport {
  let catalog: LayerCatalog
  let originalPlan: ModelPlan
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

  /// What was measured of a layer that was asked to shrink and did not get faster or smaller; nil where it did. Nothing is
  /// said of causes that were not measured.
  /// - Parameter kernels: one for each node that computes the layer now.
  private static func remark(
    _ reading: LayerReading, kernels: [KernelIdentity], original: KernelIdentity?
  ) -> String? {
    if reading.size.bytes >= reading.size.originalBytes { return "no smaller than the original" }
    guard let time = reading.nanoseconds, let before = reading.originalNanoseconds, time > 0.97 * before
    else {
      return nil
    }
    let now = TimeLabel(time)
    let then = "the original's \(TimeLabel(before))"
    if let original, kernels == [original] { return "no faster: \(now) against \(then), by the same kernel" }
    if kernels.count > 1 {
      return "no faster: its \(kernels.count) products take \(now) together, against \(then)"
    }
    return "smaller, but no faster: \(now) against \(then)"
  }

  private static func byNode(_ layers: [PlannedLayer]) -> [String: PlannedLayer] {
    Dictionary(layers.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private static func unique(_ texts: [String]) -> [String] {
    var seen = Set<String>()
    return texts.filter { seen.insert($0).inserted }
  }
}
