import GraphIR
import TensorCore

extension Composition {
  /// Which keys may be seen, as a Boolean or additive mask that broadcasts to [batch, heads, queries, keys].
  ///
  /// - Parameters:
  ///   - mask: lengths [batch], or flags [batch, keys], [batch, queries, keys] or [batch, 1, queries, keys].
  ///   - bias: what is added to the scores.
  mutating func attentionMask(_ mask: Value?, bias: Value?, batch: Int, keys: Int, input: Int) throws
    -> Value?
  {
    guard let mask else { return bias }
    let shape = try type(of: mask).shape
    var flags: Value
    if shape.dimensions == [batch], shape.rank == 1 {
      let places = Value.constant(
        try Tensor(shape: Shape([1, 1, 1, keys]), (0..<keys).map { Int64($0) }))
      let lengths = try add("Cast", [mask], ["to": .int(7)])
      let column = try add("Reshape", [lengths, try Composition.integers([batch, 1, 1, 1])])
      flags = try add("Less", [places, column])
    } else {
      guard (2...4).contains(shape.rank), shape[0] == batch, shape[shape.rank - 1] == keys else {
        throw site.inputError(input, expected: "lengths, or flags for \(batch) samples of \(keys) keys")
      }
      flags = try add("Cast", [mask], ["to": .int(9)])
      if shape.rank < 4 {
        let axes = shape.rank == 2 ? [1, 2] : [1]
        flags = try add("Unsqueeze", [flags, try Composition.integers(axes)])
      }
    }
    guard let bias else { return flags }
    let lowest = try Tensor(shape: [], floats: [-.infinity], as: try type(of: bias).dataType)
    return try add("Where", [flags, bias, .constant(lowest)])
  }
}

extension Composition {
  /// What ONNX's Attention is told of heads, direction and scale.
  /// - Parameter isCausal: where the node does not say itself by `unidirectional`.
  func attentionAttributes(heads: Int, keyHeads: Int? = nil, isCausal: Bool = false) throws
    -> [String: Attribute]
  {
    var attributes: [String: Attribute] = [
      "q_num_heads": .int(heads), "kv_num_heads": .int(keyHeads ?? heads),
      "is_causal": .int(try site.flag("unidirectional", default: isCausal) ? 1 : 0),
    ]
    let scale = try site.float("scale", default: 0)
    if scale != 0 { attributes["scale"] = .float(scale) }
    return attributes
  }
}

extension Composition {
  /// The attention of queries, keys and values packed as [batch, length, hidden of all three].
  ///
  /// - Parameters:
  ///   - mask: the input of `attentionMask`.
  ///   - past: the input [2, batch, heads, length, size].
  ///   - bias: the input that is added to the scores.
  mutating func packedAttention(_ product: Value, mask: Int, past pastInput: Int, bias: Int?) throws
    -> [Value?]
  {
    let shape = try type(of: product).shape
    guard shape.rank == 3 else { throw site.inputError(0, expected: "of shape [batch, length, hidden]") }
    let columns = shape[2]
    let heads = try site.int("num_heads", default: 0)
    let sizes = try site.ints("qkv_hidden_sizes") ?? [Int](repeating: columns / 3, count: 3)
    guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 && $0 <= columns }), sizes.reduce(0, +) == columns,
      heads >= 1
    else {
      throw site.attributeError(
        "qkv_hidden_sizes", expected: "three sizes that add up to \(columns), and heads", found: "\(sizes)")
    }
    guard try !site.flag("do_rotary") else {
      throw site.attributeError("do_rotary", expected: "0", found: "1")
    }
    let parts = try add("Split", [product, try Composition.integers(sizes)], ["axis": .int(2)], outputs: 3)
    var (pastKey, pastValue, past): (Value?, Value?, Int) = (nil, nil, 0)
    if let given = input(pastInput) {
      let pastShape = try type(of: given).shape
      guard pastShape.rank == 5, pastShape[0] == 2 else {
        throw site.inputError(pastInput, expected: "of shape [2, batch, heads, length, size]")
      }
      past = pastShape[3]
      pastKey = try add("Gather", [given, Composition.scalar(Int64(0))], ["axis": .int(0)])
      pastValue = try add("Gather", [given, Composition.scalar(Int64(1))], ["axis": .int(0)])
    }
    let seen = try attentionMask(
      input(mask), bias: bias.flatMap { input($0) }, batch: shape[0], keys: past + shape[1], input: mask)
    let results = try add(
      "Attention", [parts[0], parts[1], parts[2], seen, pastKey, pastValue],
      try attentionAttributes(heads: heads), outputs: 3)
    guard site.node.outputs.count > 1 else { return [results[0]] }
    let axis = try Composition.integers([0])
    let present = try add(
      "Concat", [try add("Unsqueeze", [results[1], axis]), try add("Unsqueeze", [results[2], axis])],
      ["axis": .int(0)])
    return [results[0], present]
  }
}

/// Attention of ONNX Runtime: one product gives queries, keys and values, packed as [batch, length, hidden].
///
/// Inputs: X, weights [hidden, 3 * hidden], bias, mask, past [2, batch, heads, length, size], bias of the scores. Samples with
/// no visible key give zeros.
struct RuntimeAttentionOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("Attention")]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .fused(.uncounted("no count of its product and attention together"))
  }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    guard try steps.site.input(0).shape.rank == 3 else {
      throw steps.site.inputError(0, expected: "of shape [batch, length, hidden]")
    }
    var product = try steps.add("MatMul", [try steps.required(0), try steps.required(1)])
    if let bias = steps.input(2) { product = try steps.add("Add", [product, bias]) }
    return try steps.packedAttention(product, mask: 3, past: 4, bias: 5)
  }
}

/// MultiHeadAttention of ONNX Runtime over queries [batch, length, hidden] and keys and values like them, or as
/// [batch, heads, length, size].
///
/// Inputs: query, key, value, bias of all three, mask of keys, bias of the scores, past keys and values.
struct MultiHeadAttentionOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("MultiHeadAttention")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.attention(pastKey: 6)) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    let shape = try site.input(0).shape
    let heads = try site.int("num_heads", default: 0)
    guard shape.rank == 3, heads >= 1, shape[2] % heads == 0 else {
      throw site.inputError(0, expected: "of shape [batch, length, hidden], for \(heads) heads")
    }
    var values = [try steps.required(0), try steps.required(1), try steps.required(2)]
    if let bias = steps.input(3) {
      var sizes: [Int] = []
      for value in values {
        let own = try steps.type(of: value).shape
        sizes.append(own.rank == 3 ? own[2] : own.rank == 4 ? own[1] * own[3] : 0)
      }
      let parts = try steps.add(
        "Split", [bias, try Composition.integers(sizes)], ["axis": .int(0)], outputs: 3)
      for index in 0..<3 {
        let own = try steps.type(of: values[index]).shape
        guard own.rank == 3 else { continue }
        values[index] = try steps.add("Add", [values[index], parts[index]])
      }
    }
    // Keys and values that come with their heads apart are packed like the queries.
    for index in 1...2 {
      let own = try steps.type(of: values[index]).shape
      guard own.rank == 4 else { continue }
      let turned = try steps.add("Transpose", [values[index]], ["perm": .ints([0, 2, 1, 3])])
      values[index] = try steps.add(
        "Reshape", [turned, try Composition.integers([own[0], own[2], own[1] * own[3]])])
    }
    let keyShape = try steps.type(of: values[1]).shape
    guard keyShape.rank == 3 else { throw site.inputError(1, expected: "of rank 3 or 4") }
    let past = site.optionalInput(6).map { $0.shape.rank == 4 ? $0.shape[2] : 0 } ?? 0
    let mask = try steps.attentionMask(
      steps.input(4), bias: steps.input(5), batch: shape[0], keys: past + keyShape[1], input: 4)
    let attributes = try steps.attentionAttributes(heads: heads)
    let results = try steps.add(
      "Attention", values + [mask, steps.input(6), steps.input(7)], attributes, outputs: 3)
    return [results[0], results[1], results[2]]
  }
}
