import Operators

/// What names that exporters give nodes and weights tell people.
enum NodeName {
  /// Whether it is an operator or a counter: nothing that leads back to the network.
  static func saysNothing(_ name: String) -> Bool {
    var rest = name.drop { $0 == "/" }
    for ending in ["_quant", "_Q4", "_Q8"] where rest.hasSuffix(ending) { rest = rest.dropLast(ending.count) }
    if rest.contains("/") { return false }
    // PyTorch's exporter since 2.5.
    if rest.hasPrefix("node_") { return true }
    while let last = rest.last, last.isNumber || last == "_" { rest = rest.dropLast() }
    return rest.isEmpty || rest == "n" || rest == "node" || operators.contains(rest.lowercased())
  }

  private static let operators = Set(OperatorRegistry.standard.kinds.map { $0.type.lowercased() })

  /// The layer that a weight belongs to, such as `layers.0.fc` of `layers.0.fc.weight`; nil where its name does not say.
  static func layer(ofWeight name: String) -> String? {
    guard !name.contains("::") else { return nil }
    var rest = name[...]
    var isStripped = true
    while isStripped {
      isStripped = false
      for ending in storage where rest.count > ending.count && rest.hasSuffix(ending) {
        rest = rest.dropLast(ending.count)
        isStripped = true
      }
    }
    guard let cut = rest.lastIndex(where: { $0 == "." || $0 == "/" }) else {
      // fc1_weight, as models written by hand have it.
      for ending in ["_weight", "_weights", "_kernel"] where rest.hasSuffix(ending) {
        return telling(rest.dropLast(ending.count))
      }
      return nil
    }
    let last = rest[rest.index(after: cut)...]
    if last.hasPrefix("weight") || ["kernel", "W", "R", "w", "embedding", "embeddings"].contains(last) {
      return telling(rest[..<cut])
    }
    for ending in ["_weight", "_kernel"] where last.hasSuffix(ending) {
      return telling(rest.dropLast(ending.count))
    }
    // An exporter's own constants, such as /fc/Transpose_output_0, lead to no weight.
    return rest.hasPrefix("/") ? nil : telling(rest)
  }

  /// What quantizers and optimizers put behind the name of a weight.
  private static let storage = [
    "_DequantizeLinear_Output", "_dequantized", "_quantized", "_quant", "_transposed", "_cast", "_fp16",
    "_Q4", "_Q8",
    "_int8", "_codes", ".codes", "_scaled",
  ]

  private static func telling(_ name: Substring) -> String? {
    name.contains(where: \.isLetter) ? String(name) : nil
  }

  /// The innermost module of the network that PyTorch's exporter says a node comes from.
  ///
  /// `pkg.torch.onnx.name_scopes` is a list in Python's notation, the node's own name last; `namespace` has the same as
  /// `NAME: TYPE` between slashes.
  static func module(_ metadata: [String: String]) -> String? {
    var scopes: [Substring] = []
    if let list = metadata["pkg.torch.onnx.name_scopes"] {
      scopes = list.split(separator: ",").map { scope in
        scope.drop { " ['\"".contains($0) }.prefix { !"]'\"".contains($0) }
      }
    } else if let path = metadata["namespace"] ?? metadata["pkg.torch.onnx.namespace"] {
      scopes = path.split(separator: "/").map { $0.prefix { $0 != ":" } }
    }
    return scopes.dropLast().last { !$0.isEmpty }.map(String.init)
  }
}
