/// A part of the screen that can have the focus, in the order of Tab.
package enum Panel: String, CaseIterable, Hashable, Sendable {
  case knobs, layers, pareto

  var next: Panel { Self.allCases[((index) + 1) % Self.allCases.count] }
  var previous: Panel { Self.allCases[(index + Self.allCases.count - 1) % Self.allCases.count] }

  private var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
