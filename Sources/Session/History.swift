import Compression
import Evaluation
import Foundation
import Recipes

/// Everything tried with one model, and the way through it.
///
/// Variants are kept in the order of their first trial, the original first, and never removed. The path holds the
/// variants visited one after another; undo and redo move a cursor along it. Visiting after an undo starts a new branch:
/// what lay ahead leaves the path, but stays among the variants.
package struct History: Codable, Hashable, Sendable {
  package private(set) var variants: [Variant]
  /// Ids of the variants visited, oldest first. Never empty.
  package private(set) var path: [Int]
  /// The place of the current variant in `path`.
  package private(set) var cursor: Int
  private var idsByRecipe: [Recipe: Int]

  private enum CodingKeys: String, CodingKey { case variants, path, cursor }

  /// A history that holds the original only.
  package init(created: Date) {
    let original = Variant(id: 0, recipe: .identity, created: created)
    variants = [original]
    path = [0]
    cursor = 0
    idsByRecipe = [original.recipe: 0]
  }

  /// A history put together again from its stored parts; nil where they contradict each other: ids must count from 0,
  /// the first variant must be the original, recipes and marks must be distinct, and the path must name variants.
  package init?(variants: [Variant], path: [Int], cursor: Int) {
    guard variants.first?.recipe == .identity, !path.isEmpty, path.indices.contains(cursor),
      variants.indices.allSatisfy({ variants[$0].id == $0 }),
      path.allSatisfy(variants.indices.contains)
    else { return nil }
    let ids = Dictionary(
      variants.map { ($0.recipe.normalized, $0.id) }, uniquingKeysWith: { first, _ in first })
    let marks = variants.compactMap(\.mark)
    guard ids.count == variants.count, Set(marks).count == marks.count else { return nil }
    self.variants = variants
    self.path = path
    self.cursor = cursor
    idsByRecipe = ids
  }

  package var original: Variant { variants[0] }
  package var current: Variant { variants[path[cursor]] }
  package var canUndo: Bool { cursor > 0 }
  package var canRedo: Bool { cursor < path.count - 1 }

  package func variant(of recipe: Recipe) -> Variant? {
    idsByRecipe[recipe.normalized].map { variants[$0] }
  }

  /// Makes `recipe` the current one, as a new variant or the one that already has it. Does nothing where it is current.
  /// - Returns: the current variant.
  @discardableResult
  package mutating func visit(_ recipe: Recipe, at date: Date) -> Variant {
    let recipe = recipe.normalized
    let id = idsByRecipe[recipe] ?? variants.count
    if id == variants.count {
      variants.append(Variant(id: id, recipe: recipe, created: date))
      idsByRecipe[recipe] = id
    }
    if id != path[cursor] {
      path.removeSubrange((cursor + 1)...)
      path.append(id)
      cursor += 1
    }
    return variants[id]
  }

  /// Makes `recipe` the current one as the next step. A step that never got a first reading was only passed over while a
  /// knob was being turned: the new one takes its place on the path, so that undo does not stop there.
  package mutating func turn(to recipe: Recipe, at date: Date) {
    let wasSeen = (current.measurement?.stage ?? .size) != .size
    if canUndo, !wasSeen { undo() }
    visit(recipe, at: date)
  }

  /// Files `recipe` among the variants without going there.
  /// - Returns: its variant, the earlier one where it was tried before.
  package mutating func add(_ recipe: Recipe, at date: Date) -> Variant {
    let place = (path, cursor)
    defer { (path, cursor) = place }
    return visit(recipe, at: date)
  }

  /// Makes an existing variant the current one. Does nothing for an unknown id.
  package mutating func visit(id: Int) {
    guard variants.indices.contains(id) else { return }
    visit(variants[id].recipe, at: variants[id].created)
  }

  /// Steps back along the path; does nothing at its start.
  package mutating func undo() { if canUndo { cursor -= 1 } }

  /// Steps forward along the path; does nothing at its end.
  package mutating func redo() { if canRedo { cursor += 1 } }

  /// Files what was measured. A reading of a lower stage does not replace a settled one. Does nothing for an unknown id.
  package mutating func record(_ measurement: Readings, for id: Int) {
    guard variants.indices.contains(id) else { return }
    if let known = variants[id].measurement, measurement.stage < known.stage { return }
    variants[id].measurement = measurement
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let history = History(
      variants: try container.decode([Variant].self, forKey: .variants),
      path: try container.decode([Int].self, forKey: .path),
      cursor: try container.decode(Int.self, forKey: .cursor))
    guard let history else {
      throw DecodingError.dataCorruptedError(
        forKey: .path, in: container,
        debugDescription: "the history's path and variants contradict each other")
    }
    self = history
  }

  fileprivate mutating func set(_ mark: Mark?, for id: Int) { variants[id].mark = mark }
}

extension History {
  /// Marked variants by letter.
  package var marked: [(mark: Mark, variant: Variant)] {
    variants.compactMap { variant in variant.mark.map { ($0, variant) } }.sorted { $0.mark < $1.mark }
  }

  package func variant(marked mark: Mark) -> Variant? { variants.first { $0.mark == mark } }

  /// Gives a variant the first free letter, or takes its letter away.
  /// - Returns: the letter it now has; nil where it has none, since it was taken away or all 26 are in use.
  @discardableResult
  package mutating func toggleMark(of id: Int) -> Mark? {
    guard variants.indices.contains(id) else { return nil }
    if variants[id].mark != nil {
      set(nil, for: id)
      return nil
    }
    let used = Set(variants.compactMap(\.mark))
    let free = Mark.allCases.first { !used.contains($0) }
    set(free, for: id)
    return free
  }
}

extension Recipe {
  /// The same recipe without empty overrides, so that recipes that mean the same are equal.
  package var normalized: Recipe {
    Recipe(model: model, layers: layers.filter { !$0.value.isEmpty })
  }
}
