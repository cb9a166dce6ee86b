import Glibc
import GraphIR
import Kernels
import TensorCore

/// GroupQueryAttention of ONNX Runtime: causal attention in which groups of query heads share keys, with its cache of
/// keys and values, rotary embedding, a local window, soft capping and attention sinks.
///
/// Inputs: query (alone it holds queries, keys and values), key, value, past keys and values [batch, heads, past, size],
/// the last place of each sample, the length of all, tables of cosines and sines, positions, bias of the scores, sinks by
/// head. The present cache is as long as the length of all, or as the past where that is longer.
/// https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.GroupQueryAttention
/// (Ainslie et al. 2023, arXiv:2305.13245). Products are summed in float64.
struct GroupQueryAttentionOperator: Operator {
  let kinds: [OperatorKind] = [.runtime("GroupQueryAttention")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .fused(.uncounted("no count of its cache")) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real).dataType
    let sizes = try GroupedQuerySizes(site)
    for index in [1, 2, 3, 4, 7, 8, 10, 11] where site.optionalInput(index) != nil {
      try site.input(index, of: [type])
    }
    let output = try site.shape([sizes.batch, sizes.queries, sizes.queryHeads * sizes.size])
    let present = try site.shape([sizes.batch, sizes.heads, sizes.present, sizes.size])
    try site.expectOutputs(atMost: 3)
    // The cache is made in any case, whoever asks for it.
    let types = [TensorType(type, output), TensorType(type, present), TensorType(type, present)]
    try site.checkSizes(types)
    return types
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(0, Visitor(site: site, sizes: try GroupedQuerySizes(site)))
  }

  private struct Visitor: RealVisitor {
    let site: OperatorSite
    let sizes: GroupedQuerySizes

    func visit<Element: RealElement>(_ type: Element.Type) throws -> OperatorBody {
      let run = Run<Element>(
        sizes: sizes, count: site.inputs.count, wanted: site.node.outputs.count, kind: site.kind,
        node: site.node.name)
      return OperatorBody(scratchBytes: run.scratchBytes) { try run.run($0) }
    }
  }

  private struct Run<Element: RealElement>: Sendable {
    let sizes: GroupedQuerySizes
    let count: Int
    let wanted: Int
    let kind: OperatorKind
    let node: String

    private var cacheBytes: Int {
      aligned(sizes.batch * sizes.heads * sizes.present * sizes.size * MemoryLayout<Element>.size)
    }
    private var rowBytes: Int { aligned(sizes.size * MemoryLayout<Element>.size) }
    var scratchBytes: Int { 2 * cacheBytes + rowBytes + aligned(sizes.present * 8) }

    func run(_ arguments: OperatorArguments) throws {
      let keys: UnsafeMutablePointer<Element> =
        (wanted > 1 ? arguments.output(1) : nil) ?? arguments.scratch(at: 0)
      let values: UnsafeMutablePointer<Element> =
        (wanted > 2 ? arguments.output(2) : nil) ?? arguments.scratch(at: cacheBytes)
      let query: UnsafeMutablePointer<Element> = arguments.scratch(at: 2 * cacheBytes)
      let scores: UnsafeMutablePointer<Double> = arguments.scratch(at: 2 * cacheBytes + rowBytes)
      let last = arguments.input(5, as: Int32.self)
      for sample in 0..<sizes.batch {
        let total = Int(last[sample]) + 1
        let past = sizes.isPrompt ? 0 : total - sizes.queries
        guard total >= 1, total <= sizes.present, past >= 0, past + sizes.queries <= sizes.present,
          past <= sizes.past
        else {
          throw OperatorError.index(kind: kind, node: node, found: total - 1, limit: sizes.present)
        }
        for head in 0..<sizes.heads {
          try fill(keys, isKey: true, sample, head, past, total, arguments)
          try fill(values, isKey: false, sample, head, past, total, arguments)
        }
        guard let output = arguments.output(0, as: Element.self) else { continue }
        for head in 0..<sizes.queryHeads {
          let cache = (sample * sizes.heads + head / sizes.group) * sizes.present * sizes.size
          for place in 0..<sizes.queries {
            query.update(
              from: arguments.input(0, as: Element.self)
                + (sample * sizes.queries + place) * sizes.queryStride + head * sizes.size,
              count: sizes.size)
            try turn(query, sample, place, past, total, arguments)
            attend(
              query, keys + cache, values + cache, scores,
              to: output + ((sample * sizes.queries + place) * sizes.queryHeads + head) * sizes.size,
              sample, head, place, past, arguments)
          }
        }
      }
    }

    /// The cache of one head: what was there, what comes in, and zeros behind.
    private func fill(
      _ cache: UnsafeMutablePointer<Element>, isKey: Bool, _ sample: Int, _ head: Int, _ past: Int,
      _ total: Int,
      _ arguments: OperatorArguments
    ) throws {
      let size = sizes.size
      let target = cache + (sample * sizes.heads + head) * sizes.present * size
      let former: UnsafePointer<Element>? = arguments.optionalInput(isKey ? 3 : 4, count: count)
      // Whatever else a longer buffer holds is not of this sample.
      if let former {
        target.update(from: former + (sample * sizes.heads + head) * sizes.past * size, count: past * size)
      }
      let end = past + sizes.queries
      (target + end * size).update(repeating: 0, count: (sizes.present - end) * size)
      let (input, offset) = sizes.source(isKey: isKey)
      let source = arguments.input(input, as: Element.self)
      for place in 0..<sizes.queries {
        let row = target + (past + place) * size
        row.update(
          from: source + (sample * sizes.queries + place) * sizes.keyStride + offset + head * size,
          count: size)
        if isKey { try turn(row, sample, place, past, total, arguments) }
      }
    }

    /// Rotary embedding of one row (Su et al. 2021, arXiv:2104.09864).
    private func turn(
      _ row: UnsafeMutablePointer<Element>, _ sample: Int, _ place: Int, _ past: Int, _ total: Int,
      _ arguments: OperatorArguments
    ) throws {
      guard sizes.turned > 0 else { return }
      let half = sizes.turned / 2
      // Places behind a sample's end are turned as ONNX Runtime does; nobody reads them.
      var position = past + place < total ? past + place : min(1, sizes.tableRows - 1)
      if let positions: UnsafePointer<Int64> = arguments.optionalInput(9, count: count) {
        // Of a prompt only the first is read, as ONNX Runtime documents it.
        position =
          sizes.isPrompt
          ? Int(clamping: positions[0]) &+ place : Int(clamping: positions[sample * sizes.queries + place])
      }
      guard (0..<sizes.tableRows).contains(position) else {
        throw OperatorError.index(kind: kind, node: node, found: position, limit: sizes.tableRows)
      }
      let cosine = arguments.input(7, as: Element.self) + position * half
      let sine = arguments.input(8, as: Element.self) + position * half
      for pair in 0..<half {
        let (first, second) = sizes.isInterleaved ? (2 * pair, 2 * pair + 1) : (pair, pair + half)
        let (real, imaginary) = (row[first], row[second])
        row[first] = cosine[pair] * real - sine[pair] * imaginary
        row[second] = sine[pair] * real + cosine[pair] * imaginary
      }
    }

    /// One query over the keys it may see.
    private func attend(
      _ query: UnsafePointer<Element>, _ keys: UnsafePointer<Element>, _ values: UnsafePointer<Element>,
      _ scores: UnsafeMutablePointer<Double>, to output: UnsafeMutablePointer<Element>,
      _ sample: Int, _ head: Int, _ place: Int, _ past: Int, _ arguments: OperatorArguments
    ) {
      let size = sizes.size
      let end = past + place + 1
      let start = sizes.window > 0 ? max(0, end - sizes.window) : 0
      let bias: UnsafePointer<Element>? = arguments.optionalInput(10, count: count)
      let sink: Double? =
        arguments.optionalInput(11, count: count, as: Element.self).map { Double($0[head]) }
        ?? (sizes.isSmooth ? 0 : nil)
      var peak = sink ?? -Double.infinity
      for key in start..<end {
        var sum = 0.0
        for index in 0..<size { sum += Double(query[index]) * Double(keys[key * size + index]) }
        sum *= sizes.scale
        if sizes.softcap > 0 { sum = sizes.softcap * tanh(sum / sizes.softcap) }
        if let bias {
          sum += Double(
            bias[
              sizes.biasOffset(sample, head) + place * sizes.biasKeys + min(key, sizes.biasKeys - 1)])
        }
        scores[key] = sum
        if sum > peak || sum.isNaN { peak = sum }
      }
      var total = sink.map { exp($0 - peak) } ?? 0
      for key in start..<end {
        scores[key] = exp(scores[key] - peak)
        total += scores[key]
      }
      for index in 0..<size {
        var sum = 0.0
        for key in start..<end { sum += scores[key] / total * Double(values[key * size + index]) }
        output[index] = Element(sum)
      }
    }
  }
}
