import TOMLKit

/// The form of a theme file:
///
///     title = "Dark"
///     background = "#101418"            # of every role that names none
///     [palette]                         # optional: names for colours
///     ink = "#d8dee9"
///     [roles]
///     text = "ink"                      # foreground only
///     selection = { fg = "#101418", bg = "#88c0d0", bold = true }
///
/// A colour is `#rrggbb`, a palette index from 0 to 255, `default` (the terminal's own) or a name of [palette].
extension Theme {
  /// Reads a theme; `file` is named in errors.
  package init(toml text: String, name: String, file: String) throws(TerminalError) {
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw .themeSyntax(file: file, line: error.source.begin.line, reason: error.description)
    } catch {
      throw .themeUnreadable(file: file, reason: "\(error)")
    }
    let reader = try ThemeReader(table, file: file)
    let looks = try reader.looks()
    self.init(name: name, title: table["title"]?.string ?? name, background: reader.background) {
      looks[Int($0.rawValue)]
    }
  }
}

private struct ThemeReader {
  let file: String
  let roles: TOMLTable
  var palette: [String: ThemeColor] = [:]
  var background = ThemeColor.terminalDefault

  init(_ table: TOMLTable, file: String) throws(TerminalError) {
    self.file = file
    let known = ["title", "background", "palette", "roles"]
    if let key = table.keys.sorted().first(where: { !known.contains($0) }) {
      throw .themeUnknownKey(file: file, key: key, known: known.joined(separator: ", "))
    }
    guard let roles = table["roles"]?.table else {
      throw .themeIncomplete(file: file, missing: StyleRole.allCases)
    }
    self.roles = roles
    if let value = table["palette"] {
      guard let names = value.table else {
        throw .themeBadValue(file: file, key: "palette", found: value.debugDescription, expected: "a table")
      }
      for name in names.keys { palette[name] = try color(names[name], key: "palette.\(name)") }
    }
    if let value = table["background"] { background = try color(value, key: "background") }
  }

  /// The looks in the order of the roles.
  func looks() throws(TerminalError) -> [RoleLook] {
    if let key = roles.keys.sorted().first(where: { StyleRole.byName[$0] == nil }) {
      let known = StyleRole.allCases.map(\.name).joined(separator: ", ")
      throw .themeUnknownKey(file: file, key: "roles.\(key)", known: known)
    }
    let missing = StyleRole.allCases.filter { roles[$0.name] == nil }
    guard missing.isEmpty else { throw .themeIncomplete(file: file, missing: missing) }
    var looks: [RoleLook] = []
    for role in StyleRole.allCases { looks.append(try look(roles[role.name], key: "roles.\(role.name)")) }
    return looks
  }

  private func look(_ value: TOMLValueConvertible?, key: String) throws(TerminalError) -> RoleLook {
    guard let table = value?.table else {
      return RoleLook(foreground: try color(value, key: key), background: background)
    }
    var look = RoleLook(foreground: .terminalDefault, background: background)
    let attributes: [String: CellStyle.Attributes] = [
      "bold": .bold, "dim": .dim, "underline": .underline, "reverse": .reverse,
    ]
    for name in table.keys {
      let entry = table[name]
      switch name {
      case "fg": look.foreground = try color(entry, key: "\(key).fg")
      case "bg": look.background = try color(entry, key: "\(key).bg")
      default:
        guard let attribute = attributes[name] else {
          throw .themeUnknownKey(
            file: file, key: "\(key).\(name)", known: "fg, bg, bold, dim, underline, reverse")
        }
        guard let isOn = entry?.bool else {
          throw .themeBadValue(
            file: file, key: "\(key).\(name)", found: entry?.debugDescription ?? "nothing",
            expected: "true or false")
        }
        if isOn { look.attributes.insert(attribute) }
      }
    }
    return look
  }

  private func color(_ value: TOMLValueConvertible?, key: String) throws(TerminalError) -> ThemeColor {
    if let text = value?.string {
      if text == "default" { return .terminalDefault }
      if let named = palette[text] { return named }
      if let color = RGB(text) { return .rgb(color) }
      if let index = UInt8(text) { return .index(index) }
    } else if let number = value?.int, let index = UInt8(exactly: number) {
      return .index(index)
    }
    throw .themeBadValue(
      file: file, key: key, found: value?.debugDescription ?? "nothing",
      expected: "a colour such as \"#88c0d0\", 0 to 255, \"default\" or a name of [palette]")
  }
}
