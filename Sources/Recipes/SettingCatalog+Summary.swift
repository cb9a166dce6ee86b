extension SettingCatalog {
  /// A short text for charts and lists, such as "P50 W4A8": what the settings change, "original" if they change nothing.
  package func summary(of settings: LayerSettings) -> String {
    var parts: [String] = []
    for setting in self.settings {
      guard let summary = setting.summary, let text = summary.text(settings) else { continue }
      if summary.isAttached, let last = parts.popLast() {
        parts.append(last + text)
      } else {
        parts.append(text)
      }
    }
    return parts.isEmpty ? "original" : parts.joined(separator: " ")
  }
}
