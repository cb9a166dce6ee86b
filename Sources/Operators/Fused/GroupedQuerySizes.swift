import GraphIR
import TensorCore

/// The sizes and settings of a GroupQueryAttention, checked.
struct GroupedQuerySizes: Sendable {
  let batch: Int
  let queryHeads: Int
  let heads: Int
  /// Tokens that come in.
  let queries: Int
  let size: Int
  /// Places of the past cache, and of the present one.
  let past: Int
  let present: Int
  /// Whether the tokens that come in are all there are.
  let isPrompt: Bool
  /// Whether keys and values stand in the query input, behind the queries.
  let isPacked: Bool
  /// Elements of a head that the rotary embedding turns; 0 for none.
  let turned: Int
  let tableRows: Int
  let isInterleaved: Bool
  /// How many keys a query sees, itself included; 0 for all.
  let window: Int
  let scale: Double
  let softcap: Double
  /// Whether the scores' sum has one more term, of score 0.
  let isSmooth: Bool
  /// Sizes of the bias: batch and heads may be 1.
  private let bias: [Int]

  var group: Int { queryHeads / heads }
  var queryStride: Int { isPacked ? (queryHeads + 2 * heads) * size : queryHeads * size }
  var keyStride: Int { isPacked ? queryStride : heads * size }
  var biasKeys: Int { bias.last ?? 1 }

  /// The input that keys or values come in, and where they start in a token.
  func source(isKey: Bool) -> (input: Int, offset: Int) {
    isPacked ? (0, (queryHeads + (isKey ? 0 : heads)) * size) : (isKey ? 1 : 2, 0)
  }

  func biasOffset(_ sample: Int, _ head: Int) -> Int {
    ((bias[0] == 1 ? 0 : sample) * bias[1] + (bias[1] == 1 ? 0 : head)) * bias[2] * bias[3]
  }

  init(_ site: OperatorSite) throws {
    let query = try site.input(0).shape
    guard query.rank == 3 else { throw site.inputError(0, expected: "of shape [batch, length, hidden]") }
    (queryHeads, heads) = (try site.int("num_heads", default: 0), try site.int("kv_num_heads", default: 0))
    guard queryHeads >= 1, heads >= 1, queryHeads <= 1 << 20, heads <= queryHeads, queryHeads % heads == 0
    else {
      throw site.attributeError(
        "num_heads", expected: "a multiple of kv_num_heads", found: "\(queryHeads) for \(heads)")
    }
    for index in [12, 13] where site.optionalInput(index) != nil {
      throw site.inputError(index, expected: "omitted: a quantized cache is not supported")
    }
    (batch, queries) = (query[0], query[1])
    isPacked = site.optionalInput(1) == nil
    let sharers = isPacked ? queryHeads + 2 * heads : queryHeads
    guard query[2] % sharers == 0, query[2] > 0, queries > 0 else {
      throw site.inputError(0, expected: "of \(sharers) heads")
    }
    size = query[2] / sharers
    if !isPacked {
      for index in [1, 2] {
        guard try site.input(index).shape.dimensions == [batch, queries, heads * size] else {
          throw site.inputError(index, expected: "of shape [\(batch), \(queries), \(heads * size)]")
        }
      }
    }
    past = try GroupedQuerySizes.past(site, batch: batch, heads: heads, size: size)
    guard try site.input(5, of: [.int32]).shape.count == batch else {
      throw site.inputError(5, expected: "int32[\(batch)]")
    }
    try site.input(6, of: [.int32])
    let length = try site.requiredConstant(6).integers
    guard length.count == 1, (queries...OperatorSite.magnitudeLimit).contains(length[0]) else {
      throw site.inputError(6, expected: "one length of at least \(queries)")
    }
    present = max(past, length[0])
    isPrompt = length[0] == queries
    (turned, tableRows) = try GroupedQuerySizes.tables(site, size: size, batch: batch, queries: queries)
    isInterleaved = try site.flag("rotary_interleaved")
    let local = try site.int("local_window_size", default: -1)
    window = local > 0 ? local : 0
    let given = try site.float("scale", default: 0)
    scale = given == 0 ? 1 / Double(size).squareRoot() : Double(given)
    softcap = Double(try site.float("softcap", default: 0))
    isSmooth = try site.flag("smooth_softmax")
    if let sinks = site.optionalInput(11), sinks.shape.count != queryHeads {
      throw site.inputError(11, expected: "of \(queryHeads) values")
    }
    bias = site.optionalInput(10)?.shape.dimensions ?? []
    if !bias.isEmpty {
      guard bias.count == 4, [1, batch].contains(bias[0]), [1, queryHeads].contains(bias[1]),
        bias[2] == queries, bias[3] >= length[0]
      else {
        throw site.inputError(10, expected: "of shape [\(batch), \(queryHeads), \(queries), \(length[0])]")
      }
    }
  }

  private static func past(_ site: OperatorSite, batch: Int, heads: Int, size: Int) throws -> Int {
    guard let keys = site.optionalInput(3) else { return 0 }
    let shape = keys.shape
    guard shape.rank == 4, shape.dimensions == [batch, heads, shape[2], size] else {
      throw site.inputError(3, expected: "of shape [\(batch), \(heads), past, \(size)]")
    }
    guard try site.input(4).shape == shape else { throw site.inputError(4, expected: "of shape \(shape)") }
    return shape[2]
  }

  private static func tables(_ site: OperatorSite, size: Int, batch: Int, queries: Int) throws -> (
    turned: Int, rows: Int
  ) {
    guard try site.flag("do_rotary") else { return (0, 0) }
    let shape = try site.input(7).shape
    guard shape.rank == 2, shape[0] >= 1, 2 * shape[1] <= size else {
      throw site.inputError(7, expected: "of shape [positions, at most \(size / 2)]")
    }
    guard try site.input(8).shape == shape else { throw site.inputError(8, expected: "of shape \(shape)") }
    if site.optionalInput(9) != nil {
      guard try site.input(9, of: [.int64]).shape.count == batch * queries else {
        throw site.inputError(9, expected: "int64[\(batch), \(queries)]")
      }
    }
    return (2 * shape[1], shape[0])
  }
}
