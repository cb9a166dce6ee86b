extension Tensor {
  /// The places `indices` along `axis`, in the given order, copied.
  ///
  /// A scalar has no axis and is returned as it is.
  /// - Throws: `TensorError.invalidShape` where the axis or a place is not there.
  package func gathered(_ indices: [Int], along axis: Int = 0) throws -> Tensor {
    if shape.rank == 0 { return self }
    guard shape.dimensions.indices.contains(axis), indices.allSatisfy({ 0..<shape[axis] ~= $0 }) else {
      throw TensorError.invalidShape(shape.dimensions)
    }
    var dimensions = shape.dimensions
    dimensions[axis] = indices.count
    let outer = dimensions[..<axis].reduce(1, *)
    let rowBytes = dimensions[(axis + 1)...].reduce(dataType.byteCount, *)
    let blockBytes = rowBytes * shape[axis]
    let storage = TensorStorage(byteCount: outer * indices.count * rowBytes, strings: storage.strings) {
      target in
      guard rowBytes > 0, let to = target.baseAddress, let from = bytes.baseAddress else { return }
      var place = to
      for block in 0..<outer {
        for index in indices {
          place.copyMemory(from: from + block * blockBytes + index * rowBytes, byteCount: rowBytes)
          place += rowBytes
        }
      }
    }
    return try Tensor(shape: Shape(dimensions), dataType: dataType, storage: storage)
  }

  /// The places `range` along `axis`; they share the bytes where the axis is the outermost that has more than one place.
  /// - Throws: `TensorError.invalidShape` where the axis or a place is not there.
  package func slice(_ range: Range<Int>, along axis: Int) throws -> Tensor {
    guard shape.dimensions.indices.contains(axis), range.lowerBound >= 0, range.upperBound <= shape[axis]
    else {
      throw TensorError.invalidShape(shape.dimensions)
    }
    if axis == 0 { return try slice(range) }
    if range == 0..<shape[axis] { return self }
    guard shape.dimensions[..<axis].allSatisfy({ $0 == 1 }) else {
      return try gathered(Array(range), along: axis)
    }
    let flat = try reshaped(to: Shape(Array(shape.dimensions[axis...]))).slice(range)
    return try flat.reshaped(to: Shape(shape.dimensions[..<axis] + flat.shape.dimensions))
  }

  /// The elements with one axis at another place, the others in their order.
  /// - Throws: `TensorError.invalidShape` where an axis is not there.
  package func moving(axis: Int, to place: Int) throws -> Tensor {
    guard shape.dimensions.indices.contains(axis), shape.dimensions.indices.contains(place) else {
      throw TensorError.invalidShape(shape.dimensions)
    }
    var dimensions = shape.dimensions
    var strides = shape.strides
    dimensions.insert(dimensions.remove(at: axis), at: place)
    strides.insert(strides.remove(at: axis), at: place)
    let width = dataType.byteCount
    let storage = TensorStorage(byteCount: byteCount, strings: storage.strings) { target in
      guard !target.isEmpty, let to = target.baseAddress, let from = bytes.baseAddress else { return }
      var index = [Int](repeating: 0, count: dimensions.count)
      var source = 0
      for element in 0..<count {
        (to + element * width).copyMemory(from: from + source * width, byteCount: width)
        var axis = dimensions.count - 1
        while axis >= 0 {
          index[axis] += 1
          source += strides[axis]
          if index[axis] < dimensions[axis] { break }
          source -= strides[axis] * dimensions[axis]
          index[axis] = 0
          axis -= 1
        }
      }
    }
    return try Tensor(shape: Shape(dimensions), dataType: dataType, storage: storage)
  }
}
