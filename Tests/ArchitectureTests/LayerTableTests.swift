import Foundation
import Testing

/// The compiler does not refuse an import of a target that is only transitively reachable, so the layers are held here.
@Suite("Layer table")
struct LayerTableTests {
  private let table: LayerTable
  private let files: [SourceFiles.File]

  init() throws {
    table = try LayerTable(manifest: SourceFiles.text("Package.swift"))
    files = try SourceFiles.swift()
  }

  /// C targets that one Swift target alone may import in the program.
  private static let owners: [String: String] = [
    "CKernels": "Kernels", "CNcurses": "TerminalUI", "COpenBLAS": "Compression", "COpenSSL": "Session",
  ]

  /// Targets outside Sources, whose files are not read.
  private static let outside: Set<String> = ["paretop-conformance", "paretop-bench", "KernelCases"]

  @Test("every folder of Sources stands in the table, and every target has one or a path of its own")
  func everyTargetIsListed() throws {
    let sources = SourceFiles.root.appending(path: "Sources").path
    let found = Set(try FileManager.default.contentsOfDirectory(atPath: sources))
    let listed = Set(table.targets.map(\.name))
    #expect(found.subtracting(listed).isEmpty)
    #expect(listed.subtracting(found) == Self.outside)
  }

  @Test("a target names only what lies below it")
  func importsPointDown() {
    for target in table.targets {
      for name in target.imports {
        guard let line = table[name]?.line else {
          Issue.record("\(target.name) names \(name), which is not in the table")
          continue
        }
        #expect(line > target.line, "\(target.name) names \(name), which is not below it")
      }
    }
  }

  @Test("files import only what their target names, and all of that")
  func filesImportWhatIsNamed() {
    let own = Set(table.targets.map(\.name))
    var used: [String: Set<String>] = [:]
    for file in files {
      for name in file.imports where own.contains(name) {
        used[file.target, default: []].insert(name)
        #expect(
          table[file.target]?.imports.contains(name) == true,
          "\(file.path) imports \(name), which Package.swift does not name for \(file.target)")
      }
    }
    for target in table.targets where !Self.outside.contains(target.name) {
      let idle = Set(target.imports).subtracting(used[target.name] ?? [])
      #expect(idle.isEmpty, "\(target.name) names \(idle.sorted()), which none of its files imports")
    }
  }

  @Test("C is called in one place each")
  func shimsHaveOneOwner() {
    for file in files {
      for name in file.imports {
        guard let owner = Self.owners[name] else { continue }
        #expect(owner == file.target, "\(file.path) imports \(name), which only \(owner) may")
      }
    }
    #expect(files.filter { $0.imports.contains("CNcurses") }.count == 1, "one file alone knows ncurses")
  }

  @Test("no module shares a name with one of its types")
  func moduleNamesAreNoTypes() throws {
    for file in files {
      let pattern = try Regex(#"(struct|class|enum|actor|protocol)\s+"# + file.target + #"\b"#)
      let clashes = file.text.firstMatch(of: pattern) != nil
      #expect(!clashes, "\(file.path) declares a type of its module's name")
    }
  }

  @Test("no type of ours hides one that Foundation or Swift's concurrency is used by")
  func noNameIsTaken() throws {
    let taken = try Regex(
      #"(?m)^package (?:\w+ )*(?:struct|class|enum|actor|protocol) (?:Measurement|Task)\b"#)
    for file in files {
      let clashes = file.text.firstMatch(of: taken) != nil
      #expect(!clashes, "\(file.path)")
    }
  }

  @Test("docs/architecture.md shows the same table")
  func docsShowTheTable() throws {
    let row = try Regex(#"(?m)^\| (\d+) \| ([^|]+) \|"#, as: (Substring, Substring, Substring).self)
    let name = try Regex(#"`([\w-]+)`"#, as: (Substring, Substring).self)
    var lines: [Int: Set<String>] = [:]
    for match in try SourceFiles.text("docs/architecture.md").matches(of: row) {
      guard let line = Int(match.output.1) else { continue }
      lines[line, default: []].formUnion(match.output.2.matches(of: name).map { String($0.output.1) })
    }
    let shown = lines.sorted { $0.key < $1.key }.map(\.value)
    #expect(shown == table.lines.map { Set($0) })
  }
}
