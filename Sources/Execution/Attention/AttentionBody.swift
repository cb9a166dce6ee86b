import Kernels
import Operators

/// Attention over several heads, each a matrix somewhere in the values of queries, keys and values.
struct AttentionBody: Sendable {
  /// Where each head's matrix starts, and how far its rows are apart, in floats.
  struct Heads: Sendable {
    let offsets: [Int]
    let stride: Int
  }

  let attention: Attention
  let queries: Int
  let keys: Int
  let query: Heads
  let key: Heads
  let value: Heads
  let mask: Heads?
  let result: Heads

  /// Inputs: queries, keys, values, and the mask or nil.
  func body(heads: Range<Int>) -> OperatorBody {
    OperatorBody(scratchBytes: attention.scratchBytes) { [self] arguments in
      guard let q = arguments.inputs[0]?.assumingMemoryBound(to: Float.self),
        let k = arguments.inputs[1]?.assumingMemoryBound(to: Float.self),
        let v = arguments.inputs[2]?.assumingMemoryBound(to: Float.self),
        let out = arguments.outputs[0]?.assumingMemoryBound(to: Float.self), let scratch = arguments.scratch
      else { return }
      let added = arguments.inputs[3]?.assumingMemoryBound(to: Float.self)
      for head in heads {
        var rows: Attention.Rows?
        if let mask, let added { rows = Attention.Rows(added + mask.offsets[head], stride: mask.stride) }
        attention.run(
          queries: queries, keys: keys, q: Attention.Rows(q + query.offsets[head], stride: query.stride),
          k: Attention.Rows(k + key.offsets[head], stride: key.stride),
          v: Attention.Rows(v + value.offsets[head], stride: value.stride), mask: rows,
          out: out + result.offsets[head], outStride: result.stride, scratch: scratch)
      }
    }
  }

  var nanoseconds: Double {
    let macs = Double(query.offsets.count * queries * keys) * Double(attention.depth + attention.valueDepth)
    return macs / 10
  }
}
