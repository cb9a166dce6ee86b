import Glibc
import GraphIR
import TensorCore

/// FlexAttention (ai.onnx.preview): softmax(score_mod(Q K^T * scale)), prob_mod, times V, where the two changes are nested
/// graphs over [batch, heads, queries, keys] (Dong et al. 2024, arXiv:2412.05496).
struct FlexAttentionOperator: DynamicOperator {
  let kinds: [OperatorKind] = [OperatorKind("FlexAttention", domain: "ai.onnx.preview")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("it runs graphs of its own", .runsGraphs) }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let site = try call.site()
    let sizes = try AttentionSizes(site, past: nil)
    guard !sizes.isPacked else { throw call.inputError(0, expected: "of rank 4") }
    let q = try call.tensor(0, of: DataType.real).doubles
    let k = try call.tensor(1, of: DataType.real).doubles
    let v = try call.tensor(2, of: DataType.real).doubles
    let type = try call.tensor(0).dataType
    let precision = try site.int("softmax_precision").flatMap { DataType(onnxCode: $0) }
    let inner = precision ?? (type == .float64 ? .float64 : .float32)
    let fallback = 1 / Double(max(sizes.headSize, 1)).squareRoot()
    let scale = site.node.attributes["scale"] == nil ? fallback : Double(try site.float("scale", default: 1))
    let (heads, queries, keys) = (sizes.queryHeads, sizes.queries, sizes.keys)
    let shape = try site.shape([sizes.batch, heads, queries, keys])
    var scores = [Double](repeating: 0, count: shape.count)
    for row in 0..<sizes.batch * heads * queries {
      let head = row / queries
      let group = (head / heads) * sizes.heads + (head % heads) / sizes.group
      for key in 0..<keys {
        var sum = 0.0
        for index in 0..<sizes.headSize {
          sum += q[row * sizes.headSize + index] * k[(group * keys + key) * sizes.headSize + index]
        }
        scores[row * keys + key] = sum * scale
      }
    }
    scores = try modified(scores, shape, inner, "score_mod", call)
    for row in 0..<(keys == 0 ? 0 : scores.count / keys) {
      let range = row * keys..<(row + 1) * keys
      let peak = scores[range].max() ?? 0
      let shift = peak.isFinite ? peak : 0
      for index in range { scores[index] = exp(scores[index] - shift) }
      let total = scores[range].reduce(0, +)
      for index in range { scores[index] /= total }
    }
    scores = try modified(scores, shape, inner, "prob_mod", call)
    let result = try site.shape([sizes.batch, heads, queries, sizes.valueSize])
    var output = [Double](repeating: 0, count: result.count)
    for row in 0..<sizes.batch * heads * queries {
      let head = row / queries
      let group = (head / heads) * sizes.heads + (head % heads) / sizes.group
      for key in 0..<keys {
        for index in 0..<sizes.valueSize {
          output[row * sizes.valueSize + index] +=
            scores[row * keys + key] * v[(group * keys + key) * sizes.valueSize + index]
        }
      }
    }
    return [.tensor(try Tensor(shape: result, output).cast(to: type))]
  }

  /// The values as the nested graph changes them, if there is one.
  private func modified(
    _ values: [Double], _ shape: Shape, _ type: DataType, _ name: String, _ call: OperatorCall
  ) throws -> [Double] {
    guard call.node.attributes[name] != nil else { return values }
    let graph = try call.graph(name)
    let results = try call.runGraph(graph, [.tensor(try Tensor(shape: shape, values).cast(to: type))])
    guard case .tensor(let tensor)? = results.first, tensor.shape == shape else {
      throw call.graphError(
        name, expected: "one output of shape \(shape)", found: results.first?.summary ?? "none")
    }
    return try tensor.cast(to: .float64).withElements(of: Double.self) { Array($0) }
  }
}
