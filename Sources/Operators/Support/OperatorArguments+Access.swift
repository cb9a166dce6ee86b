/// Typed views of a run's memory.
extension OperatorArguments {
  /// Input `index`; the plan always gives memory for inputs that the node names.
  func input<Element>(_ index: Int, as type: Element.Type = Element.self) -> UnsafePointer<Element> {
    guard let pointer = inputs[index] else { preconditionFailure("input \(index) has no memory") }
    return pointer.assumingMemoryBound(to: Element.self)
  }

  /// Output `index`; nil where nobody wants it.
  func output<Element>(_ index: Int, as type: Element.Type = Element.self) -> UnsafeMutablePointer<Element>? {
    outputs[index]?.assumingMemoryBound(to: Element.self)
  }

  /// Scratch memory from `offset` bytes on.
  func scratch<Element>(at offset: Int = 0, as type: Element.Type = Element.self)
    -> UnsafeMutablePointer<Element>
  {
    guard let scratch else { preconditionFailure("the body asked for scratch memory and got none") }
    return (scratch + offset).assumingMemoryBound(to: Element.self)
  }
}

/// Bytes rounded up so that what follows stays 64-byte aligned.
func aligned(_ bytes: Int) -> Int { (max(bytes, 1) + 63) & ~63 }
