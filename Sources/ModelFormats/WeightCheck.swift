import GraphIR
import TensorCore

/// Checks that a reader leaves to its caller.
package enum WeightCheck {
  /// Names, sorted, of floating-point initializers that hold NaN or infinity, nested graphs included: such a
  /// model computes nothing of use, and the caller should say so before it starts.
  package static func nonFinite(in graph: Graph) -> [String] {
    var names = graph.initializers.filter { !isFinite($0.value) }.map(\.key)
    for node in graph.nodes {
      for case .graph(let body) in node.attributes.values { names += nonFinite(in: body) }
    }
    return names.sorted()
  }

  private static func isFinite(_ weight: Weight) -> Bool {
    switch weight {
    case .quantized(let tensor): tensor.scales.allSatisfy(\.isFinite)
    case .dense(let tensor): FiniteCheck.firstNonFinite(tensor) == nil
    }
  }
}

enum FiniteCheck {
  /// The index of the first NaN or infinity; nil for integers.
  static func firstNonFinite(_ tensor: Tensor) -> Int? {
    switch tensor.dataType {
    case .float32: search(tensor, Float.self) { $0.isFinite }
    case .float16: search(tensor, Float16.self) { $0.isFinite }
    case .bfloat16: search(tensor, BFloat16.self) { $0.float.isFinite }
    case .float64: search(tensor, Double.self) { $0.isFinite }
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1:
      tensor.floats.firstIndex { !$0.isFinite }
    case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .bool, .string: nil
    case .int4, .uint4, .int2, .uint2: nil
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
