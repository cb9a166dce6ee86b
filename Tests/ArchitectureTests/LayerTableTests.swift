import Foundation
import Testing

/// The compiler does not refuse an import of a target that is only transitively reachable, so the layers are held here.
@Suite("Layer table")
struct LayerTableTests {
  /// From the highest layer to the lowest. A target imports only targets of lower lines.
  static let layers: [[String]] = [
    ["paretop"],
    ["Workbench"],
    ["Session"],
    ["Search"],
    ["Evaluation"],
    ["Compression"],
    ["Execution"],
    ["Gradients", "Recipes"],
    ["Rewriting"],
    ["Operators", "ModelFormats"],
    ["GraphIR", "Kernels", "TerminalUI"],
    ["TensorCore", "CKernels", "CNcurses", "COpenBLAS", "COpenSSL", "CZlib"],
  ]

  /// Imports that the order of the lines would allow but the design does not.
  static let forbidden: [String: Set<String>] = [
    "Compression": ["Execution", "ModelFormats"],
    "TerminalUI": ["TensorCore", "CKernels", "COpenBLAS", "COpenSSL", "CZlib"],
  ]

  /// C targets and the only Swift target that may import each.
  static let owners: [String: String] = [
    "CKernels": "Kernels", "CNcurses": "TerminalUI", "COpenBLAS": "Compression",
    "COpenSSL": "Session",
  ]

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test("every target stands in the table")
  func everyTargetIsListed() throws {
    let found = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: "Sources").path)
    #expect(Set(found) == Set(Self.layers.joined()))
  }

  @Test("targets import only what lies below them")
  func importsPointDown() throws {
    let line = Dictionary(
      uniqueKeysWithValues: Self.layers.enumerated().flatMap { index, names in names.map { ($0, index) } })
    for (target, file, imported) in try Self.imports() {
      guard let from = line[target], let to = line[imported] else { continue }
      #expect(from < to, "\(file) of \(target) imports \(imported), which is not below it")
      #expect(
        !(Self.forbidden[target]?.contains(imported) ?? false), "\(file) of \(target) imports \(imported)")
      if let owner = Self.owners[imported] {
        #expect(owner == target, "\(file) of \(target) imports \(imported), which only \(owner) may")
      }
    }
  }

  @Test("one file alone knows ncurses")
  func ncursesInOneFile() throws {
    let files = try Self.imports().filter { $0.imported == "CNcurses" }.map(\.file)
    #expect(files.count == 1, "\(files)")
  }

  @Test("no module shares a name with one of its types")
  func moduleNamesAreNoTypes() throws {
    for (target, _, text) in try Self.sources() {
      let pattern = try Regex(#"(struct|class|enum|actor|protocol)\s+"# + target + #"\b"#)
      #expect(text.firstMatch(of: pattern) == nil, "\(target) declares a type of its own name")
    }
  }

  private static func imports() throws -> [(target: String, file: String, imported: String)] {
    let pattern = try Regex(
      #"(?m)^\s*(?:@\w+\s+)*(?:package |public |internal |private )?import (?:(?:struct|class|enum|func|protocol) )?(\w+)"#,
      as: (Substring, Substring).self)
    return try sources().flatMap { target, file, text in
      text.matches(of: pattern).map { (target, file, String($0.output.1)) }
    }
  }

  private static func sources() throws -> [(target: String, file: String, text: String)] {
    let sources = root.appending(path: "Sources")
    guard let files = FileManager.default.enumerator(atPath: sources.path) else { return [] }
    return try files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.map { path in
      let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
      return (String(path.prefix { $0 != "/" }), path, text)
    }
  }
}
