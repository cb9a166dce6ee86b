/// A metric made ready for one output: reads what is compared from a sample's numbers, and says how near it comes.
package struct Judge: Sendable {
  /// Numbers that are kept of one sample.
  let width: Int
  /// Appends them.
  let read: @Sendable (UnsafeBufferPointer<Float>, inout [Float]) -> Void
  /// What is right, `referenceWidth` numbers for each sample in their order; nil for the original's answers.
  var references: [Float]?
  var referenceWidth: Int
  let rule: Rule
  /// What else is said of an output that is held against the original's.
  var asides: [Aside] = []
  /// Where answers are read that are the largest of several scores; nil where values are compared.
  var grid: ClassGrid?
  /// Sentences about what was taken for what.
  var notices: [String] = []

  /// What is kept of one sample.
  package typealias Numbers = ArraySlice<Float>

  enum Rule: Sendable {
    /// Right or wrong, sample by sample.
    case right(@Sendable (_ answer: Numbers, _ wanted: Numbers) -> Bool)
    /// The share of a sample that is right.
    case share(@Sendable (_ answer: Numbers, _ wanted: Numbers) -> Double)
    /// How near a sample comes, at most 1.
    case nearness(@Sendable (_ answer: Numbers, _ wanted: Numbers) -> Double)
    /// The squared error as a share of the variance; of the original's answers so far where it is not told.
    case error(variance: Double?)
  }

  init(
    width: Int, references: [Float]? = nil, referenceWidth: Int? = nil, rule: Rule, asides: [Aside] = [],
    grid: ClassGrid? = nil, notices: [String] = [],
    read: @escaping @Sendable (UnsafeBufferPointer<Float>, inout [Float]) -> Void
  ) {
    self.width = width
    self.read = read
    self.references = references
    self.referenceWidth = referenceWidth ?? width
    self.rule = rule
    self.asides = asides
    self.grid = grid
    self.notices = notices
  }

  /// The same for samples of several steps, which are judged one by one and count alike.
  func stepwise(_ steps: Int) -> Judge {
    guard steps > 1, references == nil else { return self }
    let width = width
    @Sendable func mean(
      _ score: (Numbers, Numbers) -> Double, _ answer: Numbers, _ wanted: Numbers
    ) -> Double {
      let sum = (0..<steps).reduce(0.0) { sum, step in
        sum
          + score(answer.dropFirst(step * width).prefix(width), wanted.dropFirst(step * width).prefix(width))
      }
      return sum / Double(steps)
    }
    let rule: Rule =
      switch self.rule {
      case .right(let isRight): .share { mean({ isRight($0, $1) ? 1 : 0 }, $0, $1) }
      case .share(let score): .share { mean(score, $0, $1) }
      case .nearness(let score): .nearness { mean(score, $0, $1) }
      case .error: self.rule
      }
    return Judge(width: width * steps, rule: rule, asides: asides, grid: grid, notices: notices, read: read)
  }

  /// What is right for sample `index`, where `original` has the answers from sample `first` on.
  func wanted(_ index: Int, original: [Float], from first: Int) -> Numbers {
    if let references { return references[index * referenceWidth..<(index + 1) * referenceWidth] }
    return answer(index, of: original, from: first)
  }

  /// The answer to sample `index` among those from sample `first` on.
  func answer(_ index: Int, of answers: [Float], from first: Int) -> Numbers {
    answers[(index - first) * width..<(index - first + 1) * width]
  }
}
