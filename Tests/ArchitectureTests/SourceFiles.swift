import Foundation

/// The package's own sources, as text.
enum SourceFiles {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  struct File {
    /// The folder below Sources that it stands in.
    let target: String
    /// Below Sources.
    let path: String
    let text: String

    /// The modules it imports.
    var imports: [String] {
      text.matches(of: SourceFiles.importLine).map { String($0.output.1) }
    }
  }

  nonisolated(unsafe) private static let importLine =
    /(?m)^\s*(?:@\w+\s+)*(?:package |public |internal |private )?import (?:(?:struct|class|enum|func|protocol) )?(\w+)/

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Every Swift file below Sources.
  static func swift() throws -> [File] {
    let sources = root.appending(path: "Sources")
    guard let files = FileManager.default.enumerator(atPath: sources.path) else { return [] }
    return try files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.map { path in
      File(
        target: String(path.prefix { $0 != "/" }), path: path,
        text: try String(contentsOf: sources.appending(path: path), encoding: .utf8))
    }
  }
}
