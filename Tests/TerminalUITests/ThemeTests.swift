import Foundation
import Testing
import TerminalUI

@Suite("Themes")
struct ThemeTests {
  static let shipped = ThemeLibrary.load(directories: [shippedThemesFolder])

  @Test func shippedThemesAreThereAndComplete() throws {
    #expect(Self.shipped.errors.isEmpty, "\(Self.shipped.errors)")
    let files = try FileManager.default.contentsOfDirectory(atPath: shippedThemesFolder)
    let names = files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }
    #expect(names.count > 4)
    #expect(Self.shipped.themes.map(\.name) == names.sorted() + ["plain"])
  }

  @Test(arguments: shipped.themes) func wordsAreReadable(theme: Theme) {
    for role in StyleRole.allCases {
      for surface in Surface.allCases {
        let style = CellStyle(role, on: surface)
        guard let ink = theme[role].foreground.approximateColor,
          let ground = theme.ground(of: style).approximateColor
        else { continue }
        let needed = role.isText ? (theme.name == "high-contrast" ? 7 : 4.5) : Self.needed(role)
        #expect(
          ink.contrast(with: ground) >= needed,
          "\(theme.name): \(role.name) on \(surface): \(ink.contrast(with: ground)) of \(needed)")
      }
    }
  }

  /// Graphics that carry meaning need 3 (WCAG 2.2, 1.4.11); lines that only divide need to be seen.
  private static func needed(_ role: StyleRole) -> Double {
    switch role {
    case .grid, .gaugeEmpty, .border, .band: 1.2
    default: 3
    }
  }

  @Test(arguments: shipped.themes) func nothingDisappearsWithFewColors(theme: Theme) {
    for depth in ColorDepth.allCases {
      for role in StyleRole.allCases {
        for surface in Surface.allCases {
          let style = theme.resolve(CellStyle(role, on: surface), depth: depth)
          let isHidden = style.foreground == style.background && style.foreground != .terminalDefault
          #expect(!isHidden, "\(theme.name): \(role.name) at \(depth)")
          Self.expectIsShowable(style.foreground, depth)
          Self.expectIsShowable(style.background, depth)
        }
      }
    }
  }

  private static func expectIsShowable(_ color: ThemeColor, _ depth: ColorDepth) {
    switch color {
    case .terminalDefault: break
    case .index(let index):
      #expect(depth != .monochrome)
      #expect(index < (depth == .colors8 ? 8 : depth == .colors16 ? 16 : 255) || depth == .colors256)
    case .rgb: #expect(depth == .trueColor)
    }
  }

  @Test func colorIsNeverTheOnlyCarrier() {
    // Roles that stand beside each other in the same glyph differ in attributes without colour.
    for theme in Self.shipped.themes {
      func look(_ role: StyleRole) -> CellStyle.Attributes {
        theme.resolve(CellStyle(role), depth: .monochrome).attributes
      }
      #expect(look(.selection) != look(.text))
      #expect(look(.selection) != look(.selectionMuted))
      #expect(look(.borderFocused) != look(.border))
      #expect(look(.key) != look(.keyHint))
      #expect(look(.bad) != look(.good))
      #expect(look(.cursor).contains(.reverse) || look(.cursor) != look(.input))
    }
  }

  @Test func reverseTwiceIsPlain() {
    let style = Theme.plain.resolve(CellStyle(.selection, .reverse), depth: .monochrome)
    #expect(!style.attributes.contains(.reverse))
  }

  @Test func roleNamesAreUniqueAndKebabCase() {
    #expect(StyleRole.byName.count == StyleRole.allCases.count)
    #expect(StyleRole.borderFocused.name == "border-focused")
    #expect(StyleRole.series1.name == "series1")
  }
}

@Suite("Theme files")
struct ThemeFileTests {
  static func complete(_ changes: [StyleRole: String] = [:], head: String = "") -> String {
    let roles = StyleRole.allCases.map { "\($0.name) = \(changes[$0] ?? "\"#808080\"")" }
    return head + "\n[roles]\n" + roles.joined(separator: "\n")
  }

  private func read(_ text: String) throws -> Theme { try Theme(toml: text, name: "t", file: "t.toml") }

  @Test func everyFormOfColorIsRead() throws {
    let theme = try read(
      Self.complete(
        [
          .text: "\"ink\"", .muted: "7", .good: "\"200\"", .bad: "\"default\"",
          .selection: "{ fg = \"#010203\", bg = \"ink\", bold = true, dim = false }",
        ], head: "title = \"T\"\nbackground = \"#000001\"\n[palette]\nink = \"#abcdef\""))
    #expect(theme.title == "T")
    #expect(theme[.text] == RoleLook(foreground: .rgb(RGB(hex: 0xABCDEF)), background: .rgb(RGB(0, 0, 1))))
    #expect(theme[.muted].foreground == .index(7))
    #expect(theme[.good].foreground == .index(200))
    #expect(theme[.bad].foreground == .terminalDefault)
    #expect(
      theme[.selection]
        == RoleLook(
          foreground: .rgb(RGB(1, 2, 3)), background: .rgb(RGB(hex: 0xABCDEF)), attributes: .bold))
  }

  @Test func errorsNameFileAndPlace() {
    func error(_ text: String) -> TerminalError? {
      do {
        _ = try read(text)
        return nil
      } catch { return error as? TerminalError }
    }
    guard case .themeSyntax("t.toml", 3, _)? = error("title = \"x\"\n[roles]\ntext = #oops\n") else {
      Issue.record("syntax: \(String(describing: error("title = \"x\"\n[roles]\ntext = #oops\n")))")
      return
    }
    #expect(error("") == .themeIncomplete(file: "t.toml", missing: StyleRole.allCases))
    let lacking = Self.complete().replacingOccurrences(of: "band = \"#808080\"", with: "")
    #expect(error(lacking) == .themeIncomplete(file: "t.toml", missing: [.band]))
    #expect(error(lacking)?.description.contains("band") == true)
    for (value, key) in [
      ("\"#12345\"", "roles.text"), ("256", "roles.text"), ("-1", "roles.text"), ("true", "roles.text"),
      ("\"nosuch\"", "roles.text"), ("{ fg = \"x\" }", "roles.text.fg"), ("{ bold = 1 }", "roles.text.bold"),
    ] {
      guard case .themeBadValue("t.toml", key, _, _)? = error(Self.complete([.text: value])) else {
        Issue.record("\(value): \(String(describing: error(Self.complete([.text: value]))))")
        continue
      }
    }
    for text in [
      Self.complete(head: "colour = 1"), Self.complete() + "\nextra = \"#000000\"",
      Self.complete([.text: "{ fg = 1, blink = true }"]),
    ] {
      guard case .themeUnknownKey? = error(text) else {
        Issue.record("\(String(describing: error(text)))")
        continue
      }
    }
  }

  @Test func earlierFoldersWinAndBadFilesDoNotStopTheRest() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("themes-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let (own, shipped) = (root.appendingPathComponent("own"), root.appendingPathComponent("shipped"))
    for folder in [own, shipped] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    func write(_ folder: URL, _ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    try write(own, "a.toml", Self.complete(head: "title = \"own a\""))
    try write(shipped, "a.toml", Self.complete(head: "title = \"shipped a\""))
    try write(own, "b.toml", "nonsense")
    try write(shipped, "b.toml", Self.complete(head: "title = \"shipped b\""))
    try write(shipped, "notes.txt", "no theme")
    try Data([0xFF, 0xFE, 0xC0]).write(to: shipped.appendingPathComponent("c.toml"))
    try FileManager.default.createDirectory(
      at: own.appendingPathComponent("d.toml"), withIntermediateDirectories: true)
    let library = ThemeLibrary.load(directories: [own.path, root.path + "/none", shipped.path])
    #expect(library.themes.map(\.title) == ["own a", "shipped b", Theme.plain.title])
    #expect(library.errors.count == 3)
    #expect(library.errors.allSatisfy { "\($0)".contains(root.path) })
    #expect(library["a"]?.title == "own a")
    #expect(library.theme(after: "a").name == "b")
    #expect(library.theme(after: "plain").name == "a")
    #expect(library.theme(after: "nosuch").name == "a")
  }

  @Test func withoutFilesThePlainThemeIsThere() {
    let library = ThemeLibrary.load(directories: ["/nonexistent"])
    #expect(library.themes == [.plain])
    #expect(library.errors.isEmpty)
  }

  @Test func thePersonsOwnFolderComesFirst() {
    func path(_ environment: [String: String]) -> [String] {
      ThemeLibrary.searchPath(shipped: ["/s"], environment: environment)
    }
    #expect(path(["XDG_CONFIG_HOME": "/x", "HOME": "/h"]) == ["/x/paretop/themes", "/s"])
    #expect(path(["HOME": "/h"]) == ["/h/.config/paretop/themes", "/s"])
    #expect(path(["XDG_CONFIG_HOME": "relative", "HOME": "/h"]) == ["/h/.config/paretop/themes", "/s"])
    #expect(path([:]) == ["/s"])
  }
}

@Suite("Colors")
struct ColorTests {
  @Test func hexIsReadStrictly() {
    #expect(RGB("#0a0B0c") == RGB(10, 11, 12))
    #expect(RGB("#0a0B0c")?.description == "#0a0b0c")
    for text in ["", "#", "0a0b0c", "#0a0b0", "#0a0b0c0", "#0a0b0g", "#+a0b0c", "#１２３４５６"] {
      #expect(RGB(text) == nil, "\(text)")
    }
  }

  @Test func contrastFollowsTheStandard() {
    #expect(abs(RGB(0, 0, 0).contrast(with: RGB(255, 255, 255)) - 21) < 1e-9)
    #expect(abs(RGB(hex: 0x777777).contrast(with: RGB(255, 255, 255)) - 4.48) < 0.01)
    #expect(RGB(9, 9, 9).contrast(with: RGB(9, 9, 9)) == 1)
  }

  @Test func paletteEntriesAreTheirOwnNearest() {
    for index in UInt8(16)...255 {
      let found = TerminalPalette.nearest(TerminalPalette.color(index), depth: .colors256)
      #expect(found.map { TerminalPalette.color($0) } == TerminalPalette.color(index))
    }
    for index in UInt8(0)...15 {
      #expect(TerminalPalette.nearest(TerminalPalette.color(index), depth: .colors16) == index)
    }
  }

  @Test func fewColorsKeepTheHue() {
    let wanted: [(UInt32, UInt8)] = [
      (0xFF8A8A, 1), (0x8FD694, 2), (0xF0C674, 3), (0x2B5CB8, 4), (0x11161D, 0), (0xFFFFFF, 7), (0x00B0B0, 6),
    ]
    for (hex, index) in wanted {
      #expect(TerminalPalette.nearest(RGB(hex: hex), depth: .colors8) == index, "\(RGB(hex: hex))")
    }
    #expect(TerminalPalette.nearest(RGB(1, 2, 3), depth: .monochrome) == nil)
  }

  @Test func depthFollowsTheDescription() {
    #expect(
      [0, 1, 7, 8, 15, 16, 88, 255, 256].map { ColorDepth(colors: $0, isDirect: false) }
        == [
          .monochrome, .monochrome, .monochrome, .colors8, .colors8, .colors16, .colors16, .colors16,
          .colors256,
        ])
    #expect(ColorDepth(colors: 1 << 24, isDirect: true) == .trueColor)
    #expect(ColorDepth(colors: 256, isDirect: true) == .colors256)
    #expect(ColorDepth.colors256.obeying(environment: ["NO_COLOR": "1"]) == .monochrome)
    #expect(ColorDepth.colors256.obeying(environment: ["NO_COLOR": ""]) == .colors256)
  }
}
