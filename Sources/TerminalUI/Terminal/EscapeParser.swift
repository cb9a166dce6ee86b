/// Reads the escape sequences that a terminal sends although its description does not name them.
///
/// Sequences after ECMA-48 5.4 (https://ecma-international.org/publications-and-standards/standards/ecma-48/) and
/// the mouse reports of xterm (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html). Unknown sequences
/// are swallowed whole, so that no rest of them is taken for keys.
package enum EscapeParser {
  /// Parses what follows an escape character; `next` returns waiting characters, nil when none waits.
  ///
  /// Returns the events: a lone escape if nothing follows, escape and the character if it starts no sequence.
  package static func parse(next: () -> UInt32?) -> [KeyEvent] {
    guard let first = next() else { return [.escape] }
    switch first {
    case UInt32(ascii: "["): return control(next).map { [$0] } ?? []
    case UInt32(ascii: "]"): return command(next).map { [$0] } ?? []
    case UInt32(ascii: "O"):
      guard let final = next() else { return [.escape, .character("O")] }
      return singleShift(final).map { [$0] } ?? []
    case 0x1B: return [.escape] + parse(next: next)
    default: return [.escape] + (PlainKey.event(for: first).map { [$0] } ?? [])
    }
  }

  private static func control(_ next: () -> UInt32?) -> KeyEvent? {
    var parameters: [UInt32] = []
    while let code = next() {
      switch code {
      case 0x20...0x3F: if parameters.count < 64 { parameters.append(code) }
      case UInt32(ascii: "M") where parameters.isEmpty: return x10Mouse(next)
      case 0x40...0x7E: return sequence(parameters, final: code)
      default: return nil
      }
    }
    return nil
  }

  /// An answer of the terminal, up to BEL or ESC \\: that about its ground is `11;rgb:RRRR/GGGG/BBBB`, with one to four
  /// hexadecimal digits a colour.
  private static func command(_ next: () -> UInt32?) -> KeyEvent? {
    var text = ""
    while let code = next(), code != 0x07 {
      if code == 0x1B {
        _ = next()
        break
      }
      if text.utf8.count < 64, let scalar = Unicode.Scalar(code) { text.unicodeScalars.append(scalar) }
    }
    let start = ["11;rgb:", "11;rgba:"].first { text.hasPrefix($0) }
    guard let start else { return nil }
    let parts = text.dropFirst(start.count).split(separator: "/").prefix(3)
    let colors = parts.compactMap { digits in
      digits.count > 4
        ? nil : UInt32(digits, radix: 16).map { Double($0) / Double(1 << (4 * digits.count) - 1) }
    }
    guard colors.count == 3 else { return nil }
    // Luma after Rec. 601.
    let luma = zip(colors, [0.299, 0.587, 0.114]).reduce(0) { $0 + $1.0 * $1.1 }
    return .background(isLight: luma > 0.5)
  }

  private static func singleShift(_ final: UInt32) -> KeyEvent? {
    switch final {
    case UInt32(ascii: "P")...UInt32(ascii: "S"): .function(Int(final - UInt32(ascii: "P")) + 1)
    case UInt32(ascii: "M"): .enter
    default: plain(final)
    }
  }

  private static func plain(_ final: UInt32) -> KeyEvent? {
    switch final {
    case UInt32(ascii: "A"): .up
    case UInt32(ascii: "B"): .down
    case UInt32(ascii: "C"): .right
    case UInt32(ascii: "D"): .left
    case UInt32(ascii: "H"): .home
    case UInt32(ascii: "F"): .end
    case UInt32(ascii: "Z"): .backTab
    default: nil
    }
  }

  private static func sequence(_ bytes: [UInt32], final: UInt32) -> KeyEvent? {
    if bytes.first == UInt32(ascii: "<") { return sgrMouse(numbers(bytes.dropFirst()), final) }
    let numbers = numbers(bytes[...])
    if final == UInt32(ascii: "~") { return numbers.first.flatMap(tilde) }
    // The second number is 1 + the modifiers, shift being 1.
    let isShifted = numbers.count > 1 && (numbers[1] - 1) & 1 == 1
    guard isShifted else { return plain(final) }
    switch final {
    case UInt32(ascii: "A"): return .shiftUp
    case UInt32(ascii: "B"): return .shiftDown
    case UInt32(ascii: "C"): return .shiftRight
    case UInt32(ascii: "D"): return .shiftLeft
    default: return plain(final)
    }
  }

  private static func tilde(_ number: Int) -> KeyEvent? {
    switch number {
    case 1, 7: .home
    case 2: .insert
    case 3: .delete
    case 4, 8: .end
    case 5: .pageUp
    case 6: .pageDown
    case 11...15: .function(number - 10)
    case 17...21: .function(number - 11)
    case 23, 24: .function(number - 12)
    case 200: .pasteBracket(opens: true)
    case 201: .pasteBracket(opens: false)
    default: nil
    }
  }

  private static func sgrMouse(_ numbers: [Int], _ final: UInt32) -> KeyEvent? {
    guard numbers.count == 3 else { return nil }
    let isRelease = final == UInt32(ascii: "m")
    guard let kind = mouse(numbers[0], isRelease: isRelease) else { return nil }
    return .mouse(kind, x: max(0, numbers[1] - 1), y: max(0, numbers[2] - 1))
  }

  private static func x10Mouse(_ next: () -> UInt32?) -> KeyEvent? {
    guard let button = next(), let x = next(), let y = next(), button >= 32, x > 32, y > 32 else {
      return nil
    }
    let isRelease = (button - 32) & 0b11 == 3 && (button - 32) & 64 == 0
    return mouse(Int(button - 32), isRelease: isRelease).map { .mouse($0, x: Int(x - 33), y: Int(y - 33)) }
  }

  private static func mouse(_ code: Int, isRelease: Bool) -> MouseKind? {
    if code & 64 != 0 { return code & 1 == 0 ? .wheelUp : .wheelDown }
    if code & 32 != 0 { return code & 3 == 3 ? nil : .drag }
    if isRelease { return .release }
    switch code & 3 {
    case 0: return .press
    case 1: return .middlePress
    case 2: return .rightPress
    default: return nil
    }
  }

  private static func numbers(_ bytes: ArraySlice<UInt32>) -> [Int] {
    bytes.split(separator: UInt32(ascii: ";"), omittingEmptySubsequences: false).map { part in
      part.prefix(6).reduce(0) { total, byte in
        (0x30...0x39).contains(byte) ? total * 10 + Int(byte - 0x30) : total
      }
    }
  }
}

/// Keys that arrive as one character.
package enum PlainKey {
  package static func event(for code: UInt32) -> KeyEvent? {
    switch code {
    case 0x0A, 0x0D: return .enter
    case 0x09: return .tab
    case 0x08, 0x7F: return .backspace
    case 0x1B: return .escape
    case 0x01...0x1A: return Unicode.Scalar(code + 0x60).map { .control(Character($0)) }
    case 0x00...0x1F, 0x80..<0xA0: return nil
    default: return Unicode.Scalar(code).map { .character(Character($0)) }
    }
  }
}

extension UInt32 {
  init(ascii scalar: Unicode.Scalar) { self = scalar.value }
}
