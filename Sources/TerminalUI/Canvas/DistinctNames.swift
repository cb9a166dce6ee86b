extension Array where Element == String {
  /// The names in at most so many columns each, cut where they do not differ: names that are different stay so, down to
  /// nine columns.
  ///
  /// Where names begin alike their ends are kept, where they end alike their beginnings, else some of both; where that does
  /// not tell them apart, the same of what is left when the beginning that all share is gone. What no such cut tells apart
  /// gets its place in the list.
  package func distinct(in columns: Int) -> [String] {
    guard columns > 0, contains(where: { DisplayWidth.of($0) > columns }) else { return self }
    let cuts = [0, columns / 2, columns / 4, columns * 3 / 4, columns - 1]
    let bodies = withoutSharedBeginning
    let candidates = [self, bodies].flatMap { names in
      cuts.map { head in names.map { $0.cut(to: columns, head: head) } }
    }
    let wanted = Set(self).count
    let distinct = candidates.map { Set($0).count }
    guard let best = distinct.max(), let index = distinct.firstIndex(of: best) else { return self }
    return best == wanted ? candidates[index] : numbered(candidates[index], columns)
  }

  /// The names with an ellipsis in place of the parts that all of them begin with.
  private var withoutSharedBeginning: [String] {
    guard let first, contains(where: { $0 != first }) else { return self }
    let shared = dropFirst().reduce(first[...]) { shared, name in
      shared[..<shared.index(shared.startIndex, offsetBy: zip(shared, name).prefix { $0 == $1 }.count)]
    }
    guard let separator = shared.lastIndex(where: { "/._:".contains($0) }) else { return self }
    let count = shared.distance(from: shared.startIndex, to: separator) + 1
    return count > 1 ? map { "…" + $0.dropFirst(count) } : self
  }

  /// Those of `shortened` that stand for several names with the place of the name at their end.
  private func numbered(_ shortened: [String], _ columns: Int) -> [String] {
    let named = Dictionary(grouping: zip(self, shortened), by: \.1).mapValues { Set($0.map(\.0)).count }
    return shortened.enumerated().map { index, name in
      guard named[name, default: 1] > 1 else { return name }
      let place = "…\(index + 1)"
      return DisplayWidth.prefix(name, columns: Swift.max(0, columns - place.count)) + place
    }
  }
}

extension String {
  /// The text with an ellipsis after the first `head` columns, and as much of its end as there is room for.
  fileprivate func cut(to columns: Int, head: Int) -> String {
    guard DisplayWidth.of(self) > columns else { return self }
    let start = DisplayWidth.prefix(self, columns: head)
    var end: [Character] = []
    var left = columns - 1 - DisplayWidth.of(start)
    for character in reversed() {
      left -= DisplayWidth.of(character)
      guard left >= 0 else { break }
      end.append(character)
    }
    return start + "…" + String(end.reversed())
  }
}
