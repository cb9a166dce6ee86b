import Glibc
import GraphIR
import Kernels
import TensorCore

/// Attention of opset 23 on: softmax(Q K^T * scale + bias) V over heads, with grouped queries, masks, causal and sliding
/// windows, soft capping, and a cache of keys and values inside (past inputs) or outside (`nonpad_kv_seqlen`).
///
/// A query that may see no key gives zeros (Vaswani et al. 2017, arXiv:1706.03762; grouped queries: Ainslie et al. 2023,
/// arXiv:2305.13245). Products are summed in float64.
struct AttentionOperator: Operator {
  let kinds: [OperatorKind] = ["Attention"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.attention(pastKey: 4)) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real).dataType
    try site.input(1, of: DataType.real)
    let valueType = try site.input(2, of: DataType.real).dataType
    let sizes = try AttentionSizes(site, past: 4)
    _ = try Mask(site, sizes)
    if let lengths = site.optionalInput(6) {
      guard lengths.shape.dimensions == [sizes.batch], lengths.dataType == .int64 else {
        throw site.inputError(6, expected: "int64[\(sizes.batch)]")
      }
    }
    let (b, h, q) = (sizes.batch, sizes.queryHeads, sizes.queries)
    // Rows without elements would still be counted through.
    _ = try site.product(max(b, 1), h, q)
    let result =
      sizes.isPacked
      ? [b, q, try site.product(h, sizes.valueSize)] : [b, h, q, sizes.valueSize]
    return [
      TensorType(type, try site.shape(result)),
      TensorType(type, try site.shape([b, sizes.heads, sizes.keys, sizes.headSize])),
      TensorType(valueType, try site.shape([b, sizes.heads, sizes.keys, sizes.valueSize])),
      TensorType(type, try site.shape([b, h, q, sizes.keys])),
    ]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(0, Visitor(site: site))
  }

  /// Where the mask's value for (sample, head, query, key) lies; keys beyond its last axis are hidden.
  struct Mask: Sendable {
    let strides: [Int]
    let keys: Int
    let isBoolean: Bool

    init?(_ site: OperatorSite, _ sizes: AttentionSizes) throws {
      guard let mask = site.optionalInput(3) else { return nil }
      let wanted = [sizes.batch, sizes.queryHeads, sizes.queries, sizes.keys]
      let shape = mask.shape.dimensions
      guard (1...4).contains(shape.count), mask.dataType == .bool || DataType.real.contains(mask.dataType)
      else { throw site.inputError(3, expected: "a mask of rank 1 to 4") }
      var strides = [0, 0, 0, 0]
      for (axis, stride) in mask.shape.strides.enumerated() {
        let place = 4 - shape.count + axis
        let fits = shape[axis] == 1 || shape[axis] == wanted[place] || (place == 3 && shape[axis] < wanted[3])
        guard fits else { throw site.inputError(3, expected: "broadcastable to \(wanted)") }
        strides[place] = shape[axis] == 1 && wanted[place] != 1 && place < 3 ? 0 : stride
      }
      // A single column stands for all keys, as numpy broadcasts; a shorter row does not.
      if shape[shape.count - 1] == 1, wanted[3] > 1 { strides[3] = 0 }
      keys = shape[shape.count - 1] == 1 ? wanted[3] : shape[shape.count - 1]
      self.strides = strides
      isBoolean = mask.dataType == .bool
    }
  }

  private struct Visitor: RealVisitor {
    let site: OperatorSite

    func visit<Element: RealElement>(_ type: Element.Type) throws -> OperatorBody {
      let sizes = try AttentionSizes(site, past: 4)
      let mask = try Mask(site, sizes)
      let isCausal = try site.flag("is_causal")
      let fallback = 1 / Double(max(sizes.headSize, 1)).squareRoot()
      let scale =
        site.node.attributes["scale"] == nil ? fallback : Double(try site.float("scale", default: 1))
      let softcap = Double(try site.float("softcap", default: 0))
      let mode = try site.int("qk_matmul_output_mode", default: 0)
      let left = try site.int("left_window_size", default: -1)
      let right = try site.int("right_window_size", default: -1)
      let (keys, count) = (sizes.keys, site.inputs.count)
      let wanted = site.node.outputs.count
      return OperatorBody(scratchBytes: aligned(keys * 8)) { arguments in
        let q = arguments.input(0, as: Element.self)
        let cache = Cache<Element>(arguments, sizes, count: count)
        if wanted > 1, let output = arguments.output(1, as: Element.self) { cache.writeKeys(to: output) }
        if wanted > 2, let output = arguments.output(2, as: Element.self) { cache.writeValues(to: output) }
        let lengths = arguments.optionalInput(6, count: count, as: Int64.self)
        let scores = arguments.scratch(as: Double.self)
        let output = arguments.output(0, as: Element.self)
        let products = wanted > 3 ? arguments.output(3, as: Element.self) : nil
        for sample in 0..<sizes.batch {
          let valid = lengths.map { Int(clamping: $0[sample]) } ?? keys
          let offset = lengths == nil ? sizes.past : valid &- sizes.queries
          for head in 0..<sizes.queryHeads {
            for query in 0..<sizes.queries {
              let from =
                q
                + sizes.row(
                  sample, head, query, heads: sizes.queryHeads, length: sizes.queries, size: sizes.headSize)
              let row = products.map {
                $0 + ((sample * sizes.queryHeads + head) * sizes.queries + query) * keys
              }
              let place = query &+ offset
              var sees = false
              var peak = -Double.infinity
              for key in 0..<keys {
                var sum = 0.0
                let to = cache.key(sample, head / sizes.group, key)
                for index in 0..<sizes.headSize { sum += Double(from[index]) * Double(to[index]) }
                sum *= scale
                if mode == 0 { row?[key] = Element(sum) }
                if softcap > 0 { sum = softcap * tanh(sum / softcap) }
                if mode == 1 { row?[key] = Element(sum) }
                var bias = 0.0
                if let mask {
                  if key >= mask.keys {
                    bias = -.infinity
                  } else {
                    let at =
                      sample * mask.strides[0] + head * mask.strides[1] + query * mask.strides[2] + key
                      * mask.strides[3]
                    bias =
                      mask.isBoolean
                      ? (arguments.input(3, as: UInt8.self)[at] != 0 ? 0 : -.infinity)
                      : Double(arguments.input(3, as: Element.self)[at])
                  }
                }
                if (isCausal && key > place) || (left >= 0 && place &- key > left)
                  || (right >= 0 && key &- place > right) || key >= valid
                {
                  bias = -.infinity
                }
                if bias > -.infinity || bias.isNaN { sees = true }
                scores[key] = bias == -.infinity ? -.infinity : sum + bias
                if mode == 2 { row?[key] = Element(scores[key]) }
                if scores[key] > peak || scores[key].isNaN { peak = scores[key] }
              }
              var total = 0.0
              for key in 0..<keys {
                scores[key] = sees ? exp(scores[key] - peak) : 0
                total += scores[key]
              }
              for key in 0..<keys {
                if total != 0 { scores[key] /= total }
                if mode == 3 { row?[key] = Element(scores[key]) }
              }
              guard let output else { continue }
              let target =
                output
                + sizes.row(
                  sample, head, query, heads: sizes.queryHeads, length: sizes.queries, size: sizes.valueSize)
              for index in 0..<sizes.valueSize {
                var sum = 0.0
                for key in 0..<keys where scores[key] != 0 {
                  sum += scores[key] * Double(cache.value(sample, head / sizes.group, key)[index])
                }
                target[index] = Element(sum)
              }
            }
          }
        }
      }
    }
  }

  /// Keys and values of the past, followed by those that come in.
  private struct Cache<Element: RealElement> {
    let sizes: AttentionSizes
    let keys: UnsafePointer<Element>
    let values: UnsafePointer<Element>
    let pastKeys: UnsafePointer<Element>?
    let pastValues: UnsafePointer<Element>?

    init(_ arguments: OperatorArguments, _ sizes: AttentionSizes, count: Int) {
      self.sizes = sizes
      keys = arguments.input(1)
      values = arguments.input(2)
      pastKeys = arguments.optionalInput(4, count: count)
      pastValues = arguments.optionalInput(5, count: count)
    }

    func key(_ sample: Int, _ head: Int, _ place: Int) -> UnsafePointer<Element> {
      row(keys, pastKeys, sample, head, place, sizes.headSize)
    }

    func value(_ sample: Int, _ head: Int, _ place: Int) -> UnsafePointer<Element> {
      row(values, pastValues, sample, head, place, sizes.valueSize)
    }

    private func row(
      _ new: UnsafePointer<Element>, _ past: UnsafePointer<Element>?, _ sample: Int, _ head: Int,
      _ place: Int, _ size: Int
    ) -> UnsafePointer<Element> {
      if let past, place < sizes.past {
        return past + ((sample * sizes.heads + head) * sizes.past + place) * size
      }
      return new
        + sizes.row(
          sample, head, place - sizes.past, heads: sizes.heads, length: sizes.newKeys, size: size)
    }

    func writeKeys(to output: UnsafeMutablePointer<Element>) { write(to: output, sizes.headSize, key) }
    func writeValues(to output: UnsafeMutablePointer<Element>) { write(to: output, sizes.valueSize, value) }

    private func write(
      to output: UnsafeMutablePointer<Element>, _ size: Int, _ row: (Int, Int, Int) -> UnsafePointer<Element>
    ) {
      for sample in 0..<sizes.batch {
        for head in 0..<sizes.heads {
          for place in 0..<sizes.keys {
            (output + ((sample * sizes.heads + head) * sizes.keys + place) * size).update(
              from: row(sample, head, place), count: size)
          }
        }
      }
    }
  }
}
