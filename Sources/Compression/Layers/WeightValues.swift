import GraphIR
import TensorCore

extension Weight {
  /// The float32 elements in place, or converted where they are stored otherwise.
  func withFloats<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    if case .dense(let tensor) = self, tensor.dataType == .float32 {
      return try withExtendedLifetime(tensor.storage) { try body(tensor.bytes.bindMemory(to: Float.self)) }
    }
    return try tensor.floats.withUnsafeBufferPointer(body)
  }

  /// Whether no element is NaN or infinite.
  var isFinite: Bool {
    withFloats { values in
      let exponent: UInt32 = 0x7f80_0000
      var found: UInt32 = 0
      for value in values { found |= value.bitPattern & exponent == exponent ? 1 : 0 }
      return found == 0
    }
  }

  /// Whether both hold the same memory, which tells without a look at the elements that they are equal.
  func isSame(as other: Weight) -> Bool {
    switch (self, other) {
    case (.dense(let left), .dense(let right)): left.storage === right.storage && left.shape == right.shape
    case (.quantized, _), (.dense, .quantized): false
    }
  }

  /// Elements other than zero.
  var nonzeroCount: Int {
    switch self {
    case .quantized(let tensor): tensor.nonzeroCount
    case .dense(let tensor):
      switch tensor.dataType {
      case .float32: tensor.bytes.bindMemory(to: UInt32.self).countNonzeros { $0 << 1 }
      case .float16, .bfloat16: tensor.bytes.bindMemory(to: UInt16.self).countNonzeros { $0 << 1 }
      case .float64: tensor.bytes.bindMemory(to: UInt64.self).countNonzeros { $0 << 1 }
      case .int8, .uint8, .bool, .int4, .uint4, .int2, .uint2:
        tensor.bytes.bindMemory(to: UInt8.self).countNonzeros { $0 }
      case .int16, .uint16: tensor.bytes.bindMemory(to: UInt16.self).countNonzeros { $0 }
      case .int32, .uint32: tensor.bytes.bindMemory(to: UInt32.self).countNonzeros { $0 }
      case .int64, .uint64, .string: tensor.bytes.bindMemory(to: UInt64.self).countNonzeros { $0 }
      case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1:
        tensor.floats.count { $0 != 0 }
      }
    }
  }
}

extension UnsafeBufferPointer where Element: FixedWidthInteger {
  @inline(__always)
  fileprivate func countNonzeros(_ magnitude: (Element) -> Element) -> Int {
    var count = 0
    for element in self { count &+= magnitude(element) != 0 ? 1 : 0 }
    return count
  }
}
