/// Names of layers as people read them.
package enum LayerName {
  /// The name without the operator that exporters end it with: "/fc1/Gemm" and "/fc1/Gemm_2" are "fc1". Operators are
  /// known by their capital letter.
  package static func short(_ name: String) -> String {
    var parts = name.split(separator: "/")
    if parts.count > 1, parts.last?.first?.isUppercase == true { parts.removeLast() }
    return parts.isEmpty ? name : parts.joined(separator: "/")
  }
}
