extension String {
  /// The text with every control character but the line end written as JSON writes it, such as `\\u001b`: a terminal
  /// shows it and obeys nothing, and JSON stays the same value. Marks that turn the direction of writing, with which a name
  /// can look like another, count among them.
  package var showingControls: String { writingOut { $0 != "\n" && $0.isControl } }

  /// The same on one line.
  package var inOneLine: String { writingOut(\.isControl) }

  private func writingOut(_ isWritten: (Unicode.Scalar) -> Bool) -> String {
    guard unicodeScalars.contains(where: isWritten) else { return self }
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      guard isWritten(scalar) else {
        result.append(scalar)
        continue
      }
      let digits = String(scalar.value, radix: 16)
      result.append(
        contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).unicodeScalars)
    }
    return String(result)
  }
}

extension Unicode.Scalar {
  /// All have four hexadecimal digits at most.
  fileprivate var isControl: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0: true
    case 0x2028, 0x2029: true
    // Bytes of file names that are no text stand there.
    case 0xF780...0xF7FF: true
    case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
