import Foundation

/// The themes found in a list of folders; of the same name, that of the earlier folder.
package struct ThemeLibrary: Sendable {
  /// Sorted by name, the built-in `plain` last.
  package let themes: [Theme]
  /// What could not be read; the others are there nevertheless.
  package let errors: [TerminalError]

  package init(themes: [Theme], errors: [TerminalError] = []) {
    self.themes = themes
    self.errors = errors
  }

  /// Reads every `*.toml` of the folders. A folder that does not exist is passed over.
  ///
  /// A file that cannot be used is reported, and a later folder's theme of that name takes its place.
  package static func load(directories: [String]) -> ThemeLibrary {
    var found: [String: Theme] = [Theme.plain.name: .plain]
    var errors: [TerminalError] = []
    for directory in directories {
      let files = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
      for file in files where file.hasSuffix(".toml") {
        let name = String(file.dropLast(5))
        guard !name.isEmpty, found[name] == nil || name == Theme.plain.name else { continue }
        do {
          found[name] = try read(path: directory + "/" + file, name: name)
        } catch {
          errors.append(error)
        }
      }
    }
    let named = found.values.filter { $0.name != Theme.plain.name }.sorted { $0.name < $1.name }
    return ThemeLibrary(themes: named + [found[Theme.plain.name] ?? .plain], errors: errors)
  }

  package subscript(name: String) -> Theme? { themes.first { $0.name == name } }

  /// The theme after the named one, round the list: what a theme key switches to.
  package func theme(after name: String) -> Theme {
    let place = themes.firstIndex { $0.name == name } ?? -1
    return themes.isEmpty ? .plain : themes[(place + 1) % themes.count]
  }

  /// Where themes are looked for: the person's own first, then those that came with the program.
  ///
  /// `$XDG_CONFIG_HOME/paretop/themes` (by default below ~/.config), then `shipped` in its order
  /// (https://specifications.freedesktop.org/basedir-spec/latest/).
  package static func searchPath(
    shipped: [String], environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> [String] {
    var folders: [String] = []
    if let config = environment["XDG_CONFIG_HOME"], config.hasPrefix("/") {
      folders.append(config + "/paretop/themes")
    } else if let home = environment["HOME"], !home.isEmpty {
      folders.append(home + "/.config/paretop/themes")
    }
    return folders + shipped
  }

  /// No theme is larger; a file that is was put there by mistake.
  private static let largestFile = 1 << 20

  private static func read(path: String, name: String) throws(TerminalError) -> Theme {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
      let handle = FileHandle(forReadingAtPath: path)
    else { throw .themeUnreadable(file: path, reason: "it is not a file that may be read") }
    defer { try? handle.close() }
    guard let data = try? handle.read(upToCount: largestFile + 1) else {
      throw .themeUnreadable(file: path, reason: "reading failed")
    }
    guard data.count <= largestFile else {
      throw .themeUnreadable(file: path, reason: "it is larger than 1 MB")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw .themeUnreadable(file: path, reason: "it is not UTF-8 text")
    }
    return try Theme(toml: text, name: name, file: path)
  }
}
