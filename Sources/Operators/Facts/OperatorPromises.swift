/// What holds for every node of an operator, besides its form.
package struct OperatorPromises: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The first output has the bytes of the first input; both may be the same memory, and then nothing is copied.
  package static let view = OperatorPromises(rawValue: 1)
  /// The outputs depend on the inputs' types alone.
  package static let typeOnly = OperatorPromises(rawValue: 2)
  /// The first output may be the memory of an input of the same type and shape, as long as no other input shares it.
  package static let inPlace = OperatorPromises(rawValue: 4)
  /// `infer` and `prepare` always throw `OperatorError.knownWhenRun`; only `evaluate` runs it.
  package static let dynamic = OperatorPromises(rawValue: 8)
  /// Every run may give other values, so that nothing is computed ahead.
  package static let random = OperatorPromises(rawValue: 16)
  /// A positive factor of the first input, one for each channel, is one of the output.
  package static let homogeneous = OperatorPromises(rawValue: 32)
  /// Each element of the output is one of the first input, of any numeric type, and which one depends on their places and
  /// order alone: a function that never falls gives the same before and after.
  package static let picks = OperatorPromises(rawValue: 64)
  /// It gives rows of its first input, a table, as others choose them: only as much is read as the output holds, and a table
  /// of weights is a layer there.
  package static let looksUp = OperatorPromises(rawValue: 128)
}
