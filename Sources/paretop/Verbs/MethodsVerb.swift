import ArgumentParser
import Compression
import Recipes
import TerminalUI

/// Every setting of a recipe, and what is known of each method it can name.
struct MethodsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "methods", abstract: "List the settings of a recipe: each method, what it needs, its source."
  )

  @Argument(help: "Only this setting, such as criterion.")
  var setting: String?

  func run() throws {
    let settings = try chosen()
    try Output.print(settings.map(MethodsVerb.text).joined(separator: "\n\n"))
  }

  private func chosen() throws -> [Setting] {
    guard let setting else { return Setting.allCases }
    guard let found = Setting(key: setting) else {
      throw VerbError.unknownSetting(setting, SettingCatalog.standard.keys)
    }
    return [found]
  }

  private static func text(of setting: Setting) -> String {
    var lines = ["\(setting.key) (default \(setting.standard.word)): \(setting.explanation)"]
    if let range = setting.range { lines.append("  \(range.lowerBound) to \(range.upperBound)") }
    let options = setting.options ?? []
    let width = (options.map(\.label.count).max() ?? 0) + 2
    for option in options {
      let note = option.note
      let needs = note.needsText.map { " Needs \($0)." } ?? ""
      let source = note.source.map { " [\($0)]" } ?? ""
      lines.append("  " + option.label.fitted(to: width) + note.effect + needs + source)
    }
    return lines.joined(separator: "\n")
  }
}
