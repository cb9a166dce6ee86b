import GraphIR
import TensorCore

/// Checks that a reader leaves to its caller.
package enum WeightCheck {
  /// Names, sorted, of floating-point initializers that hold NaN, or infinity among other numbers, nested graphs
  /// included: such a model computes nothing of use, and the caller should say so before it starts. Masks, which
  /// hold zeros and infinities only, are meant so.
  package static func nonFinite(in graph: Graph) -> [String] {
    var names = graph.initializers.filter { !isFinite($0.value) }.map(\.key)
    for node in graph.nodes {
      for body in node.bodies { names += nonFinite(in: body) }
    }
    return names.sorted()
  }

  private static func isFinite(_ weight: Weight) -> Bool {
    switch weight {
    case .quantized(let tensor): tensor.scales.allSatisfy(\.isFinite)
    case .dense(let tensor): FiniteCheck.firstNonFinite(tensor) == nil || isMask(tensor)
    }
  }

  private static func isMask(_ tensor: Tensor) -> Bool {
    tensor.count == 1 ? !tensor.floats[0].isNaN : tensor.floats.allSatisfy { $0.isInfinite || $0 == 0 }
  }
}

enum FiniteCheck {
  /// The index of the first NaN or infinity; nil for integers.
  static func firstNonFinite(_ tensor: Tensor) -> Int? {
    switch tensor.dataType {
    case .float32: isQuicklyFinite(tensor) ? nil : search(tensor, Float.self) { $0.isFinite }
    case .float16: search(tensor, Float16.self) { $0.isFinite }
    case .bfloat16: search(tensor, BFloat16.self) { $0.float.isFinite }
    case .float64: search(tensor, Double.self) { $0.isFinite }
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1:
      tensor.floats.firstIndex { !$0.isFinite }
    case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .bool, .string: nil
    case .int4, .uint4, .int2, .uint2: nil
    }
  }

  /// Whether no exponent is all ones, by a loop that vectorizes: most weights are only looked at this way.
  private static func isQuicklyFinite(_ tensor: Tensor) -> Bool {
    let exponent: UInt32 = 0x7f80_0000
    return withExtendedLifetime(tensor.storage) {
      var found: UInt32 = 0
      for bits in tensor.bytes.bindMemory(to: UInt32.self) { found |= bits & exponent == exponent ? 1 : 0 }
      return found == 0
    }
  }

  private static func search<Element>(
    _ tensor: Tensor, _ type: Element.Type, _ isFinite: (Element) -> Bool
  ) -> Int? {
    withExtendedLifetime(tensor.storage) {
      tensor.bytes.bindMemory(to: Element.self).firstIndex { !isFinite($0) }
    }
  }
}
