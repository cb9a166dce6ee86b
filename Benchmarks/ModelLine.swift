import Foundation

/// One line of the table: a model in one form, at one batch size and thread count.
struct ModelLine {
  let name: String
  let threads: Int
  let figures: KernelFigures
  /// Those of one thread, where there are more.
  let single: KernelFigures?
  /// Operations of the weight layers in one run.
  let work: Double
  let form: ModelForm

  func text(peer: String?) -> String {
    guard let single else {
      return KernelLine(
        name, peer: peer ?? "-", figures, work: work, bound: form.bound
      ).text
    }
    var gain = String(format: "%.2fx", single.oursMedian / figures.oursMedian)
    if let one = single.peerMedian, let many = figures.peerMedian {
      gain += String(format: " (%.2fx)", one / many)
    }
    return KernelLine("  \(threads) threads, over one: \(gain)", peer: peer ?? "-", figures).text
  }
}
