import GraphIR
import TensorCore

/// The sizes of an attention over Q, K and V given as [batch, heads, length, size], or packed as [batch, length, hidden].
struct AttentionSizes: Sendable {
  let batch: Int
  let queryHeads: Int
  let heads: Int
  let queries: Int
  /// Keys that come in, and those of the past in front of them.
  let newKeys: Int
  let past: Int
  let headSize: Int
  let valueSize: Int
  let isPacked: Bool

  var keys: Int { past + newKeys }
  var group: Int { queryHeads / max(heads, 1) }

  init(_ site: OperatorSite, past pastInput: Int?) throws {
    let (q, k, v) = (try site.input(0).shape, try site.input(1).shape, try site.input(2).shape)
    guard q.rank == 3 || q.rank == 4 else { throw site.inputError(0, expected: "of rank 3 or 4") }
    guard k.rank == q.rank, k[0] == q[0] else {
      throw site.inputError(1, expected: "of rank \(q.rank) and batch \(q[0])")
    }
    guard v.rank == q.rank, v[0] == q[0] else {
      throw site.inputError(2, expected: "of rank \(q.rank) and batch \(q[0])")
    }
    isPacked = q.rank == 3
    batch = q[0]
    if isPacked {
      queryHeads = try site.int("q_num_heads", default: 0)
      heads = try site.int("kv_num_heads", default: 0)
      guard queryHeads >= 1, heads >= 1, q[2] % queryHeads == 0, k[2] % heads == 0, v[2] % heads == 0 else {
        throw site.attributeError(
          "q_num_heads", expected: "head counts that divide the hidden sizes",
          found: "\(queryHeads) and kv_num_heads \(heads)")
      }
      (queries, newKeys) = (q[1], k[1])
      (headSize, valueSize) = (q[2] / queryHeads, v[2] / heads)
      guard k[2] / heads == headSize else { throw site.inputError(1, expected: "of head size \(headSize)") }
      guard v[1] == newKeys else { throw site.inputError(2, expected: "of \(newKeys) keys") }
    } else {
      (queryHeads, heads, queries, newKeys) = (q[1], k[1], q[2], k[2])
      (headSize, valueSize) = (q[3], v[3])
      guard k[3] == headSize else { throw site.inputError(1, expected: "of head size \(headSize)") }
      guard v[1] == heads, v[2] == newKeys else {
        throw site.inputError(2, expected: "of \(heads) heads and \(newKeys) keys")
      }
    }
    guard heads >= 1, queryHeads % heads == 0 else {
      throw site.inputError(0, expected: "of heads that \(heads) heads of keys divide")
    }
    if let pastInput, let pastKey = site.optionalInput(pastInput) {
      let pastValue = try site.input(pastInput + 1).shape
      let length = pastKey.shape.rank == 4 ? pastKey.shape[2] : 0
      guard pastKey.shape.dimensions == [batch, heads, length, headSize],
        pastKey.dataType == (try site.input(1).dataType)
      else { throw site.inputError(pastInput, expected: "of shape [\(batch), \(heads), past, \(headSize)]") }
      guard pastValue.dimensions == [batch, heads, length, valueSize] else {
        throw site.inputError(
          pastInput + 1, expected: "of shape [\(batch), \(heads), \(length), \(valueSize)]")
      }
      past = length
    } else {
      past = 0
    }
  }

  /// The offset of a row of head `head` at position `place`.
  func row(_ sample: Int, _ head: Int, _ place: Int, heads: Int, length: Int, size: Int) -> Int {
    isPacked
      ? (sample * length + place) * heads * size + head * size
      : ((sample * heads + head) * length + place) * size
  }
}
