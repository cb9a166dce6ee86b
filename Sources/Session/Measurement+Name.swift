import Evaluation

/// Foundation has a `Measurement` too; in this module the name means ours.
package typealias Measurement = Evaluation.Measurement
