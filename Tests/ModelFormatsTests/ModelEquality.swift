import GraphIR
import ModelFormats
import TensorCore

/// What differs between two models, in words; nil where nothing does.
func difference(_ a: Model, _ b: Model, ignoringFileName: Bool = true) -> String? {
  var metadata = b.metadata
  if ignoringFileName { metadata.fileName = a.metadata.fileName }
  if a.metadata != metadata { return "metadata \(a.metadata) / \(metadata)" }
  return difference(a.graph, b.graph)
}

func difference(_ a: Graph, _ b: Graph) -> String? {
  if a.name != b.name { return "name \(a.name) / \(b.name)" }
  if a.inputs != b.inputs { return "inputs \(a.inputs) / \(b.inputs)" }
  if a.outputs != b.outputs { return "outputs \(a.outputs) / \(b.outputs)" }
  if a.opsets != b.opsets { return "opsets \(a.opsets) / \(b.opsets)" }
  if a.initializers.keys.sorted() != b.initializers.keys.sorted() {
    return "initializers \(a.initializers.keys.sorted()) / \(b.initializers.keys.sorted())"
  }
  for (name, weight) in a.initializers {
    guard let other = b.initializers[name] else { return name }
    if !same(weight, other) { return "weight \(name): \(weight) / \(other)" }
  }
  if a.nodes.count != b.nodes.count { return "\(a.text)\n/\n\(b.text)" }
  for (first, second) in zip(a.nodes, b.nodes) {
    if first.name != second.name || first.kind != second.kind || first.inputs != second.inputs
      || first.outputs != second.outputs || first.attributes.keys.sorted() != second.attributes.keys.sorted()
    {
      return "node \(first) / \(second)"
    }
    for (name, value) in first.attributes {
      guard let other = second.attributes[name], same(value, other) else {
        return "attribute \(name) of \(first.name)"
      }
    }
  }
  return nil
}

func same(_ a: Weight, _ b: Weight) -> Bool {
  switch (a, b) {
  case (.dense(let first), .dense(let second)): same(first, second)
  case (.quantized(let first), .quantized(let second)): first == second
  default: false
  }
}

func same(_ a: Tensor, _ b: Tensor) -> Bool {
  a.shape == b.shape && a.dataType == b.dataType && a.bytes.elementsEqual(b.bytes)
}

private func same(_ a: Attribute, _ b: Attribute) -> Bool {
  switch (a, b) {
  case (.int(let x), .int(let y)): x == y
  case (.float(let x), .float(let y)): x.bitPattern == y.bitPattern
  case (.string(let x), .string(let y)): x == y
  case (.tensor(let x), .tensor(let y)): same(x, y)
  case (.graph(let x), .graph(let y)): difference(x, y) == nil
  case (.ints(let x), .ints(let y)): x == y
  case (.floats(let x), .floats(let y)): x == y
  case (.strings(let x), .strings(let y)): x == y
  default: false
  }
}
