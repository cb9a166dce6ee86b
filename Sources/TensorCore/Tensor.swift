/// An immutable dense tensor: row-major elements of one type. Copies share their bytes.
package struct Tensor: Sendable {
  package let shape: Shape
  package let dataType: DataType
  package let storage: TensorStorage
  private let byteOffset: Int

  package init(shape: Shape, dataType: DataType, storage: TensorStorage, byteOffset: Int = 0) throws {
    let available = (storage.bytes.count - byteOffset) / dataType.byteCount
    guard byteOffset >= 0, available >= shape.count else {
      throw TensorError.countMismatch(shape: shape, expected: shape.count, found: max(0, available))
    }
    self.shape = shape
    self.dataType = dataType
    self.storage = storage
    self.byteOffset = byteOffset
  }

  /// Makes a zeroed tensor and lets `fill` write its elements.
  package init<Element: TensorElement>(
    shape: Shape, of type: Element.Type = Element.self,
    fill: (UnsafeMutableBufferPointer<Element>) throws -> Void
  ) rethrows {
    self.shape = shape
    dataType = Element.dataType
    byteOffset = 0
    storage = try TensorStorage(byteCount: shape.count * Element.dataType.byteCount) {
      try fill($0.bindMemory(to: Element.self))
    }
  }

  /// - Throws: `TensorError.countMismatch` unless there is exactly one element per place.
  package init<Element: TensorElement>(shape: Shape, _ elements: [Element]) throws {
    guard elements.count == shape.count else {
      throw TensorError.countMismatch(shape: shape, expected: shape.count, found: elements.count)
    }
    self.init(shape: shape, of: Element.self) { buffer in
      _ = buffer.update(fromContentsOf: elements)
    }
  }

  package init<Element: TensorElement>(scalar: Element) {
    self.init(shape: [], of: Element.self) { $0[0] = scalar }
  }

  package var count: Int { shape.count }
  package var byteCount: Int { shape.count * dataType.byteCount }

  package var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: storage.bytes[byteOffset..<byteOffset + byteCount])
  }

  /// The elements in place. The tensor's type must be `Element`'s.
  /// - Throws: `TensorError.dataTypeMismatch`.
  package func withElements<Element: TensorElement, Result>(
    of type: Element.Type = Element.self, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    guard dataType == Element.dataType else {
      throw TensorError.dataTypeMismatch(expected: Element.dataType, found: dataType)
    }
    return try withExtendedLifetime(storage) {
      try body(bytes.bindMemory(to: Element.self))
    }
  }

  /// The same elements under another shape of equal count.
  package func reshaped(to shape: Shape) throws -> Tensor {
    guard shape.count == count else {
      throw TensorError.countMismatch(shape: shape, expected: shape.count, found: count)
    }
    return try Tensor(shape: shape, dataType: dataType, storage: storage, byteOffset: byteOffset)
  }

  /// Rows `range` along the outermost axis, sharing the bytes.
  package func slice(_ range: Range<Int>) throws -> Tensor {
    guard shape.rank > 0, range.lowerBound >= 0, range.upperBound <= shape[0] else {
      throw TensorError.invalidShape([range.lowerBound, range.upperBound])
    }
    let row = shape[0] == 0 ? 0 : count / shape[0]
    let sliced = try Shape([range.count] + shape.dimensions.dropFirst())
    return try Tensor(
      shape: sliced, dataType: dataType, storage: storage,
      byteOffset: byteOffset + range.lowerBound * row * dataType.byteCount)
  }
}
