/// A cell position: x counts columns from the left, y counts rows from the top.
package struct Point: Hashable, Sendable {
  package var x: Int
  package var y: Int

  package init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }
}

/// A number of columns and rows; never negative.
package struct Size: Hashable, Sendable, CustomStringConvertible {
  package let width: Int
  package let height: Int

  package init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
  }

  package var isEmpty: Bool { width == 0 || height == 0 }
  package var description: String { "\(width)x\(height)" }
}

/// A block of cells. Width and height are never negative; an empty rectangle contains no point.
package struct Rect: Hashable, Sendable {
  package let x: Int
  package let y: Int
  package let width: Int
  package let height: Int

  /// Far beyond any terminal, and small enough that sums of a few of them cannot overflow.
  private static let limit = 1 << 20

  package init(x: Int = 0, y: Int = 0, width: Int, height: Int) {
    self.x = min(max(x, -Self.limit), Self.limit)
    self.y = min(max(y, -Self.limit), Self.limit)
    self.width = min(max(width, 0), Self.limit)
    self.height = min(max(height, 0), Self.limit)
  }

  package var maxX: Int { x + width }
  package var maxY: Int { y + height }
  package var size: Size { Size(width: width, height: height) }
  package var isEmpty: Bool { width == 0 || height == 0 }

  package func contains(_ point: Point) -> Bool {
    point.x >= x && point.x < maxX && point.y >= y && point.y < maxY
  }

  package func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(
      x: left, y: top, width: min(maxX, other.maxX) - left, height: min(maxY, other.maxY) - top)
  }

  /// The rectangle made smaller on every side; empty when nothing is left.
  package func inset(by amount: Int) -> Rect { inset(horizontal: amount, vertical: amount) }

  package func inset(horizontal: Int, vertical: Int) -> Rect {
    Rect(
      x: x + horizontal, y: y + vertical, width: width - 2 * horizontal, height: height - 2 * vertical)
  }

  /// A rectangle of this size in the middle of this one, no larger than it.
  package func centered(_ size: Size) -> Rect {
    let w = min(size.width, width)
    let h = min(size.height, height)
    return Rect(x: x + (width - w) / 2, y: y + (height - h) / 2, width: w, height: h)
  }
}

/// A share of a side when a rectangle is split.
package enum Length: Hashable, Sendable {
  /// So many cells, as long as there are any.
  case fixed(Int)
  /// A share of what the fixed parts leave, in proportion to this weight.
  case flexible(Int)
  /// At least so many cells, and a share of the rest by weight.
  case atLeast(Int, weight: Int)

  fileprivate var minimum: Int {
    switch self {
    case .fixed(let cells): max(0, cells)
    case .flexible: 0
    case .atLeast(let cells, _): max(0, cells)
    }
  }

  fileprivate var weight: Int {
    switch self {
    case .fixed: 0
    case .flexible(let weight): max(0, weight)
    case .atLeast(_, let weight): max(0, weight)
    }
  }
}

extension Rect {
  /// Splits from left to right. Parts that no longer fit are cut, the last ones first.
  ///
  /// `overlap` makes neighbours share that many columns: 1 lets boxes share their border.
  package func columns(_ lengths: [Length], overlap: Int = 0) -> [Rect] {
    Self.split(length: width, lengths, overlap: overlap).map { part in
      Rect(x: x + part.offset, y: y, width: part.length, height: height)
    }
  }

  /// Splits from top to bottom, as `columns` does from left to right.
  package func rows(_ lengths: [Length], overlap: Int = 0) -> [Rect] {
    Self.split(length: height, lengths, overlap: overlap).map { part in
      Rect(x: x, y: y + part.offset, width: width, height: part.length)
    }
  }

  private static func split(
    length: Int, _ lengths: [Length], overlap: Int
  ) -> [(offset: Int, length: Int)] {
    guard !lengths.isEmpty else { return [] }
    let shared = max(0, overlap)
    let total = length + shared * (lengths.count - 1)
    let spare = max(0, total - lengths.reduce(0) { $0 + $1.minimum })
    let weights = lengths.reduce(0) { $0 + $1.weight }
    var parts: [(offset: Int, length: Int)] = []
    var offset = 0
    var seenWeight = 0
    var given = 0
    for part in lengths {
      seenWeight += part.weight
      // Shares are differences of rounded running sums, so that they add up to the whole.
      let due = weights == 0 ? 0 : spare * seenWeight / weights
      let wanted = part.minimum + due - given
      given = due
      let fitting = max(0, min(wanted, length - offset))
      parts.append((offset, fitting))
      offset = max(0, offset + fitting - (fitting > shared ? shared : 0))
    }
    return parts
  }
}
