import Compression
import Foundation

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
  package static let all: [PaletteCommand] = knobs + choices + places + actions

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

  private static let knobs: [PaletteCommand] = [
    PaletteCommand(name: "prune", argument: "0-99", description: "Share of weights to remove, in percent") {
      percent($0, in: 0...99, { $0.settings }, \.prune, $1)
    },
    PaletteCommand(name: "rank", argument: "1-100", description: "Share of the full rank to keep, in percent")
    {
      percent($0, in: 1...100, { $0.settings }, \.rank, $1)
    },
    PaletteCommand(name: "bits", argument: "32 16 8 6 4 3 2 1.58 1", description: "Bits of a weight") {
      text, state in
      guard let value = WeightPrecision(label: text) else {
        return .refused("bits takes one of \(WeightPrecision.all.map(\.label).joined(separator: ", "))")
      }
      return .settings(state.settings.with(\.weights, value))
    },
    PaletteCommand(name: "activations", argument: "32 8", description: "Bits of an activation") {
      text, state in
      guard let value = ActivationPrecision(rawValue: text) else {
        return .refused("activations takes 32 or 8")
      }
      return .settings(state.settings.with(\.activations, value))
    },
  ]

  private static let choices: [PaletteCommand] = [
    choice("method", "Which weights are pruned", \.pruning),
    choice("scales", "One scale per tensor or per channel", \.quantization.granularity),
    choice("zero-point", "Symmetric or asymmetric codes", \.quantization.symmetry),
    choice("range", "How the range of the codes is found", \.quantization.calibration),
  ]

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

  private static let actions: [PaletteCommand] = [
    simple("sweep", "Sweep the selected knob over its range", .sweep),
    simple("export", "Export as ONNX, with the recipe beside it", .export),
    simple("undo", "Back to the configuration before", .undo),
    simple("redo", "Forward again", .redo),
    simple("reset", "Back to the original", .reset),
    simple("mark", "Mark this configuration, or take the mark away", .mark),
    simple("compare", "Compare the marks side by side", .compare),
    simple("axis", "Chart against size, latency or energy in turn", .nextAxis),
    simple("measure", "Measure this configuration again", .measureAgain),
    simple("help", "Help for where you are", .openHelp),
    simple("quit", "Quit; the session is kept", .quit),
  ]

  private static func simple(_ name: String, _ description: String, _ action: Action) -> PaletteCommand {
    PaletteCommand(name: name, argument: "", description: description) { _, _ in .action(action) }
  }

  private static func percent(
    _ text: String, in range: ClosedRange<Int>, _ settings: (WorkbenchState) -> LayerSettings,
    _ path: WritableKeyPath<LayerSettings, Double>, _ state: WorkbenchState
  ) -> PaletteOutcome {
    let digits = text.hasSuffix("%") ? String(text.dropLast()) : text
    guard let value = Double(digits), value >= Double(range.lowerBound), value <= Double(range.upperBound)
    else {
      return .refused(
        "a percentage from \(range.lowerBound) to \(range.upperBound) is needed, such as \"50\"")
    }
    return .settings(settings(state).with(path, value / 100))
  }

  private static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ name: String, _ description: String, _ path: WritableKeyPath<LayerSettings, Value> & Sendable
  ) -> PaletteCommand where Value.RawValue == String {
    let names = Value.allCases.map(\.rawValue)
    return PaletteCommand(name: name, argument: names.joined(separator: " "), description: description) {
      text, state in
      guard let value = Value(rawValue: text) else {
        return .refused("\(name) takes one of \(names.joined(separator: ", "))")
      }
      return .settings(state.settings.with(path, value))
    }
  }
}
