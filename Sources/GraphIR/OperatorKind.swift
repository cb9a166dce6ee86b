/// Which operator a node is: its ONNX domain and type, such as `ai.onnx` `Conv`.
package struct OperatorKind: Sendable, Hashable, Codable, CustomStringConvertible, ExpressibleByStringLiteral
{
  /// Empty for the default domain `ai.onnx`, as in ONNX files.
  package let domain: String
  package let type: String

  package init(_ type: String, domain: String = "") {
    self.type = type
    self.domain = domain == "ai.onnx" ? "" : domain
  }

  package init(stringLiteral type: String) { self.init(type) }

  package var description: String { domain.isEmpty ? type : "\(domain).\(type)" }
}
