import Foundation

/// The layers as Package.swift declares them, read from its text: a manifest cannot be imported, and asking the package
/// manager would wait for the build that runs the tests.
struct LayerTable {
  struct Target {
    let name: String
    /// What it may import of the package's own targets, in the order of the manifest.
    let imports: [String]
    /// 1 for the highest.
    let line: Int
  }

  let targets: [Target]

  /// - Parameter manifest: the text of Package.swift.
  init(manifest: String) throws {
    guard let start = manifest.range(of: "let layers: [[[Target]]] = ["),
      let end = manifest.range(of: "\n]\n", range: start.upperBound..<manifest.endIndex)
    else { throw LayerTableError.noTable }
    let entry = try Regex(
      #"\b(?:layer|program|shared|c)\(\s*"([\w-]+)"(?:,\s*\[([^\]]*)\])?"#,
      as: (Substring, Substring, Substring?).self)
    let word = try Regex(#""([\w-]+)""#, as: (Substring, Substring).self)
    var targets: [Target] = []
    for (index, line) in LayerTable.lines(manifest[start.upperBound..<end.lowerBound]).enumerated() {
      for match in line.matches(of: entry) {
        let imports = (match.output.2 ?? "").matches(of: word).map { String($0.output.1) }
        targets.append(Target(name: String(match.output.1), imports: imports, line: index + 1))
      }
    }
    guard !targets.isEmpty else { throw LayerTableError.noTable }
    self.targets = targets
  }

  subscript(name: String) -> Target? { targets.first { $0.name == name } }

  /// The names of each line's targets, the highest line first.
  var lines: [[String]] {
    Dictionary(grouping: targets, by: \.line).sorted { $0.key < $1.key }.map { $0.value.map(\.name) }
  }

  /// The outermost arrays of a text.
  private static func lines(_ text: Substring) -> [Substring] {
    var lines: [Substring] = []
    var depth = 0
    var start = text.startIndex
    for index in text.indices {
      switch text[index] {
      case "[":
        if depth == 0 { start = index }
        depth += 1
      case "]":
        depth -= 1
        if depth == 0 { lines.append(text[start...index]) }
      default: break
      }
    }
    return lines
  }
}

enum LayerTableError: Error { case noTable }
