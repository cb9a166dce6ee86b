import GraphIR
import TensorCore

/// What a model or data set is filed under: a digest of its content, so that a renamed file is known again and a
/// changed one is not mistaken for what it was.
package struct ContentIdentity: Codable, Hashable, Sendable, CustomStringConvertible {
  /// 64 hexadecimal digits.
  package let digest: String

  package init(digest: String) { self.digest = digest }

  package var description: String { digest }

  /// Digests a list of texts.
  package init(ofParts parts: [String]) {
    var hash = SHA256()
    // Lengths, so that no two lists run together into the same text.
    for part in parts { hash.update("\(part.utf8.count) \(part)\n") }
    digest = hash.hexDigest()
  }

  /// Digests nodes, attributes that name weights, inputs, outputs and every weight's bytes (external data included).
  package init(of model: Model) {
    var hash = SHA256()
    let graph = model.graph
    for info in graph.inputs + graph.outputs {
      hash.update("\(info.name) \(info.dataType.rawValue) \(String(describing: info.dimensions))\n")
    }
    for node in graph.nodes {
      hash.update("\(node.name) \(node.kind) \(node.inputs) \(node.outputs)\n")
      for name in node.attributes.keys.sorted() {
        guard let attribute = node.attributes[name] else { continue }
        hash.update("\(name)=")
        hash.update(attribute)
      }
    }
    for name in graph.initializers.keys.sorted() {
      guard let weight = graph.initializers[name] else { continue }
      hash.update("\(name)\n")
      hash.update(weight)
    }
    digest = hash.hexDigest()
  }

  /// Digests the task, the split and the arrays. Of an array beyond 1 MiB only 256 evenly spaced blocks of 4 KiB are
  /// read, so that opening large data stays quick; an edit between them goes unnoticed.
  package init(of dataset: Dataset) {
    var hash = SHA256()
    hash.update("\(dataset.split.rawValue) \(dataset.task)\n")
    for name in dataset.inputs.keys.sorted() {
      guard let tensor = dataset.inputs[name] else { continue }
      hash.update("\(name)\n")
      hash.update(sampling: tensor)
    }
    if let targets = dataset.targets { hash.update(sampling: targets) }
    digest = hash.hexDigest()
  }
}

extension SHA256 {
  fileprivate mutating func update(_ weight: Weight) {
    switch weight {
    case .dense(let tensor): update(tensor)
    case .quantized(let tensor):
      update("\(tensor.bits.rawValue) \(tensor.shape) \(String(describing: tensor.axis))")
      if tensor.groupSize != nil || tensor.format != .integer {
        update(" \(tensor.format.rawValue) groups of \(String(describing: tensor.groupSize))")
      }
      update("\n")
      tensor.scales.withUnsafeBytes { update($0) }
      tensor.zeroPoints.withUnsafeBytes { update($0) }
      tensor.codes.withUnsafeBytes { update($0) }
    }
  }

  fileprivate mutating func update(_ tensor: Tensor) {
    update("\(tensor.dataType.rawValue) \(tensor.shape)\n")
    withExtendedLifetime(tensor) { update(tensor.bytes) }
  }

  fileprivate mutating func update(sampling tensor: Tensor) {
    let (block, blocks) = (4096, 256)
    guard tensor.byteCount > block * blocks else { return update(tensor) }
    update("\(tensor.dataType.rawValue) \(tensor.shape)\n")
    withExtendedLifetime(tensor) {
      for index in 0..<blocks {
        let start = (tensor.byteCount - block) * index / (blocks - 1)
        update(UnsafeRawBufferPointer(rebasing: tensor.bytes[start..<start + block]))
      }
    }
  }

  fileprivate mutating func update(_ attribute: Attribute) {
    switch attribute {
    case .int(let value): update("\(value)\n")
    case .float(let value): update("\(value)\n")
    case .string(let value): update("\(value)\n")
    case .ints(let values): update("\(values)\n")
    case .floats(let values): update("\(values)\n")
    case .strings(let values): update("\(values)\n")
    case .tensors(let tensors): for tensor in tensors { update(tensor) }
    case .graphs(let graphs): for graph in graphs { update(.graph(graph)) }
    case .type(let type): update("\(type)\n")
    case .tensor(let tensor): update(tensor)
    case .graph(let graph):
      update(graph.text)
      for name in graph.initializers.keys.sorted() { graph.initializers[name].map { update($0) } }
    }
  }
}
