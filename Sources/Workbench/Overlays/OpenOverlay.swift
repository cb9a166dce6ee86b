import TerminalUI

/// What lies over the screen and takes the keys.
package enum OpenOverlay: Sendable {
  case help(scroll: Int)
  case palette(InputLine, selected: Int)
  case filter(InputLine)
  case compare(scroll: Int)
  case themes(selected: Int)
  /// What the selected knob can be set to.
  case choices(selected: Int)
  /// The last session's variants are there; taken up or left.
  case resume(ResumeOffer)
}

/// What an earlier session of this model left.
package struct ResumeOffer: Sendable, Hashable {
  package var variants: Int
  package var marks: Int
  /// How long ago it was last used, such as "2 hours ago".
  package var age: String

  package init(variants: Int, marks: Int, age: String) {
    self.variants = variants
    self.marks = marks
    self.age = age
  }
}
