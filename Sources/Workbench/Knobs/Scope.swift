/// What a knob turn changes: every layer, or the one selected.
package enum Scope: Hashable, Sendable {
  case model
  case layer(String)
}
