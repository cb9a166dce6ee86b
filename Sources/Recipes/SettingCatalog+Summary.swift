extension SettingCatalog {
  /// A short text for charts, lists and file names, such as "P50 wanda W4A8 mse gptq": what the knobs ask for, each with
  /// its methods that are not the standard ones; "original" if no knob asks for anything.
  ///
  /// Different settings that do something have different summaries. A word that would not say which setting is meant, a
  /// number or one that several settings know, follows the setting's key.
  package func summary(of settings: LayerSettings) -> String {
    var parts: [(knobs: [Setting], text: String, methods: [String])] = []
    for setting in self.settings {
      if setting.isKnob {
        guard let summary = setting.summary, let text = summary.text(settings) else { continue }
        if summary.isAttached, let last = parts.indices.last {
          parts[last].knobs.append(setting)
          parts[last].text += text
        } else {
          parts.append(([setting], text, []))
        }
      } else if !setting.isStandard(in: settings),
        let index = parts.firstIndex(where: { $0.knobs.contains(where: setting.belongs) })
      {
        parts[index].methods.append(word(of: setting, in: settings))
      }
    }
    let texts = parts.map { ([$0.text] + $0.methods).joined(separator: " ") }
    return texts.isEmpty ? "original" : texts.joined(separator: " ")
  }

  private func word(of setting: Setting, in values: LayerSettings) -> String {
    let word = setting.value(in: values).word
    let takers = settings.filter { $0.options?.contains { $0.label == word } ?? false }
    return takers.count == 1 && Double(word) == nil ? word : "\(setting.key) \(word)"
  }
}
