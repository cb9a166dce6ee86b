import Glibc
import GraphIR
import TensorCore

/// HannWindow, HammingWindow and BlackmanWindow of a given size, periodic by default, and MelWeightMatrix, which turns
/// spectra into mel bins.
struct WindowOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["HannWindow", "HammingWindow", "BlackmanWindow", "MelWeightMatrix"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("it reads a length alone") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let site = OperatorSite(node: call.node, opset: call.opset, inputs: [], constants: [])
    let code = try site.int("output_datatype", default: 1)
    guard let type = DataType(onnxCode: code), DataType.plain.contains(type) else {
      throw site.attributeError("output_datatype", expected: "the code of a numeric type", found: "\(code)")
    }
    let size = try call.integer(0)
    guard (0...OperatorLimits.longestTable).contains(size) else {
      throw call.inputError(0, expected: "a size from 0 to \(OperatorLimits.longestTable)")
    }
    if call.node.kind == "MelWeightMatrix" { return [.tensor(try mel(call, bins: size).cast(to: type))] }
    let period = try site.flag("periodic", default: true) ? Double(size) : Double(size - 1)
    let values = (0..<size).map { place -> Double in
      let angle = 2 * Double.pi * Double(place) / max(period, 1)
      switch call.node.kind {
      case "HannWindow": return 0.5 - 0.5 * cos(angle)
      case "HammingWindow": return 25.0 / 46 - 21.0 / 46 * cos(angle)
      default: return 0.42 - 0.5 * cos(angle) + 0.08 * cos(2 * angle)
      }
    }
    return [.tensor(try Tensor(shape: Shape([size]), values).cast(to: type))]
  }

  /// Triangles between neighbouring mel frequencies, [spectrum bins, mel bins].
  private func mel(_ call: OperatorCall, bins: Int) throws -> Tensor {
    let (length, rate) = (try call.integer(1), try call.integer(2))
    let edges = try (3...4).map { index -> Double in
      let tensor = try call.tensor(index, of: DataType.real)
      guard tensor.count == 1, let value = tensor.doubles.first, value.isFinite, value >= 0 else {
        throw call.inputError(index, expected: "one frequency")
      }
      return value
    }
    guard length >= 1, rate >= 1, length <= OperatorLimits.longestTable else {
      throw call.inputError(1, expected: "a length and a rate of at least 1")
    }
    let rows = length / 2 + 1
    let shape = try call.site().shape([rows, bins])
    let (low, high) = (2595 * log10(1 + edges[0] / 700), 2595 * log10(1 + edges[1] / 700))
    let step = (high - low) / Double(bins + 2)
    let points = try (0..<bins + 2).map { index -> Int in
      let frequency = 700 * (pow(10, (Double(index) * step + low) / 2595) - 1)
      let bin = (Double(length + 1) * frequency / Double(rate)).rounded(.down)
      guard bin >= 0, bin <= Double(rows) else {
        throw call.inputError(4, expected: "at most half the sample rate")
      }
      return Int(bin)
    }
    var values = [Double](repeating: 0, count: shape.count)
    for column in 0..<bins {
      let (left, centre, right) = (points[column], points[column + 1], points[column + 2])
      if left == centre {
        if centre < rows { values[centre * bins + column] = 1 }
      } else {
        for row in stride(from: left, through: min(centre, rows - 1), by: 1) {
          values[row * bins + column] = Double(row - left) / Double(centre - left)
        }
      }
      for row in stride(from: centre, to: min(right, rows), by: 1) {
        values[row * bins + column] = Double(right - row) / Double(right - centre)
      }
    }
    return try Tensor(shape: shape, values)
  }
}
