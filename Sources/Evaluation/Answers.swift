/// What a model answered to samples seen so far, in their order.
struct Answers: Sendable {
  /// Class numbers, as many per sample as the scorer has positions; -1 where an output is not a number.
  var classes: [Int32] = []
  /// Outputs as they are, for scores that compare values.
  var values: [Float] = []

  mutating func append(_ other: Answers) {
    classes += other.classes
    values += other.values
  }
}
