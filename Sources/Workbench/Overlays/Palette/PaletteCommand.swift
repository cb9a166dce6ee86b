import Compression
import Evaluation
import Foundation
import Recipes

/// A command typed after ":"; its name, what follows it, and what it does.
package struct PaletteCommand: Sendable {
  package let name: String
  /// Such as "0-99"; empty where nothing follows.
  package let argument: String
  package let description: String
  let run: @Sendable (String, WorkbenchState) -> PaletteOutcome
}

/// What a command comes to.
package enum PaletteOutcome: Sendable {
  case action(Action)
  case settings(LayerSettings)
  case scope(Scope)
  case theme(String)
  case refused(String)
}

extension PaletteCommand {
  package static let all: [PaletteCommand] = knobs + places + actions

  /// Commands whose name or description contains what was typed so far, those that begin with it first.
  package static func matching(_ text: String) -> [PaletteCommand] {
    let word = text.split(separator: " ").first.map(String.init) ?? ""
    guard !word.isEmpty else { return all }
    let prefixed = all.filter { $0.name.hasPrefix(word) }
    let others = all.filter {
      !$0.name.hasPrefix(word)
        && ($0.name.localizedCaseInsensitiveContains(word)
          || $0.description.localizedCaseInsensitiveContains(word))
    }
    return prefixed + others
  }

  private static let knobs: [PaletteCommand] = Setting.allCases.map { setting in
    let name = setting.key
    return PaletteCommand(name: name, argument: argument(of: setting), description: setting.explanation) {
      text, state in
      guard let value = value(text, of: setting),
        let settings = try? state.settings.setting(setting, to: value)
      else { return .refused("\(name) takes one of \(argument(of: setting))") }
      return .settings(settings)
    }
  }

  private static func argument(of setting: Setting) -> String {
    if let options = setting.options { return options.map(\.label).joined(separator: " ") }
    guard let range = setting.range else { return "" }
    return "\(Int((range.lowerBound * 100).rounded()))-\(Int((range.upperBound * 100).rounded()))"
  }

  /// Shares are typed in percent.
  private static func value(_ text: String, of setting: Setting) -> SettingValue? {
    guard setting.range != nil else { return .word(text) }
    return Double(text.hasSuffix("%") ? String(text.dropLast()) : text).map { .number($0 / 100) }
  }

  private static let places: [PaletteCommand] = [
    PaletteCommand(name: "scope", argument: "model | LAYER", description: "What the knobs turn") {
      text, state in
      if text == "model" || text.isEmpty { return .scope(.model) }
      let found = state.subject.layers.filter { $0.name == text || $0.shortName == text }
      guard let layer = found.first, found.count == 1 else {
        let names = state.subject.layers.map(\.shortName).prefix(8).joined(separator: ", ")
        return .refused("no layer \"\(text)\"; there are \(names)")
      }
      return .scope(.layer(layer.name))
    },
    PaletteCommand(name: "theme", argument: "NAME", description: "Change the colours") { text, state in
      guard state.appearance.themes.contains(text) else {
        return .refused("no theme \"\(text)\"; there are \(state.appearance.themes.joined(separator: ", "))")
      }
      return .theme(text)
    },
  ]

  private static let axis = PaletteCommand(
    name: "axis", argument: Figure.all.map(\.key).joined(separator: " "),
    description: "Chart accuracy against this figure, or against the next"
  ) { text, _ in
    if text.isEmpty { return .action(.nextAxis) }
    guard let figure = Figure.all.first(where: { $0.key == text }) else {
      return .refused("no figure \"\(text)\"; there are \(Figure.all.map(\.key).joined(separator: ", "))")
    }
    return .action(.chart(against: figure))
  }

  private static let actions: [PaletteCommand] = [
    simple("sweep", "Sweep the selected knob over its range", .sweep),
    simple("export", "Export as ONNX, with the recipe beside it", .export),
    simple("undo", "Back to the configuration before", .undo),
    simple("redo", "Forward again", .redo),
    simple("reset", "Back to the original", .reset),
    simple("mark", "Mark this configuration, or take the mark away", .mark),
    simple("compare", "Compare the marks side by side", .compare),
    axis,
    simple("measure", "Measure this configuration again", .measureAgain),
    simple("help", "Help for where you are", .openHelp),
    simple("quit", "Quit; the session is kept", .quit),
  ]

  private static func simple(_ name: String, _ description: String, _ action: Action) -> PaletteCommand {
    PaletteCommand(name: name, argument: "", description: description) { _, _ in .action(action) }
  }
}
