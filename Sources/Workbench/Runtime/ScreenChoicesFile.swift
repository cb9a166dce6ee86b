import Foundation

/// The file that remembers how the screen was set up. It is never in the way: what cannot be read is as if it were not
/// there, what cannot be written is forgotten.
package struct ScreenChoicesFile: Sendable {
  private let path: String?

  /// - Parameter path: nil where nothing is to be remembered.
  package init(path: String?) { self.path = path }

  /// What was chosen, and a sentence for the user where the file is damaged.
  package func read() -> (choices: ScreenChoices, notice: String?) {
    guard let path, let data = FileManager.default.contents(atPath: path) else {
      return (ScreenChoices(), nil)
    }
    do {
      return (try ScreenChoices(toml: String(decoding: data, as: UTF8.self)), nil)
    } catch {
      return (
        ScreenChoices(), "What the screen looked like last is not known, since \(path) is damaged: \(error)"
      )
    }
  }

  package func write(_ choices: ScreenChoices) {
    guard let path else { return }
    let file = URL(filePath: path)
    try? FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? choices.toml.write(to: file, atomically: true, encoding: .utf8)
  }
}
