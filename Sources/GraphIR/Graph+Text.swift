extension Graph {
  /// One line per node, for golden tests and audits: `name: Kind(inputs) -> outputs`, weights with their shape.
  package var text: String {
    nodes.map { node in
      let inputs = node.inputs.map { input in
        guard let weight = initializers[input] else { return input }
        switch weight {
        case .dense(let tensor): return "\(input):\(tensor.dataType.rawValue)\(tensor.shape)"
        case .quantized(let tensor): return "\(input):\(tensor.bits.rawValue)bit\(tensor.shape)"
        }
      }
      return "\(node.name): \(node.kind)(\(inputs.joined(separator: ", "))) -> "
        + node.outputs.joined(separator: ", ")
    }.joined(separator: "\n")
  }
}
