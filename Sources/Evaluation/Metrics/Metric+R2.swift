import TensorCore

extension Metric {
  package static let r2 = Metric(
    key: "r2", label: "r2",
    meaning:
      "1 less the mean squared error over the variance, of targets or of the original's outputs; SNR and PSNR "
      + "stand beside it.",
    references: [.labels, .original]
  ) { output in
    let size = output.size
    guard output.reference == .labels else {
      return Judge(
        width: size, rule: .error(variance: nil), asides: [.signalToNoise, .peakSignalToNoise]
      ) { $1 += $0 }
    }
    let data = output.data
    guard let targets = data.targets, targets.count == data.count * size else {
      throw EvaluationError.targets(
        data: data.name, expected: "shaped as the output, \(size) per sample",
        found: data.targets.map { "\($0.shape)" } ?? "missing")
    }
    let values = targets.floats
    var spread = SpreadOfValues(perSample: size)
    spread.add(values[...])
    guard spread.variance > 0, spread.variance.isFinite else {
      throw EvaluationError.targets(
        data: data.name, expected: "finite numbers that differ between samples",
        found: "all the same or undefined")
    }
    return Judge(width: size, references: values, rule: .error(variance: spread.variance)) { $1 += $0 }
  }
}
