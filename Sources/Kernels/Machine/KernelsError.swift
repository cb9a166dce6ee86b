/// What can go wrong before a kernel runs.
package enum KernelsError: Error, Equatable, CustomStringConvertible {
  /// The feature level asked for has no such name.
  case unknownFeatureLevel(found: String, choices: [String])
  /// The feature level exists but this machine cannot run it.
  case featureLevelNotAvailable(found: String, highest: String)

  package var description: String {
    switch self {
    case .unknownFeatureLevel(let found, let choices):
      "PARETOP_CPU is \"\(found)\", which is no CPU feature level; choose one of \(choices.joined(separator: ", "))."
    case .featureLevelNotAvailable(let found, let highest):
      "PARETOP_CPU asks for \(found), but this machine reaches only \(highest); choose \(highest) or lower, or unset it."
    }
  }
}
