/// The original's answers to the first samples, kept for every recipe that is held against them as far as some memory
/// goes.
struct KnownAnswers: Sendable {
  private var answers: Answers
  private let widths: [Int]
  private(set) var samples = 0
  private static let mostBytes = 128 << 20

  init(widths: [Int]) {
    self.widths = widths
    answers = Answers(outputs: widths.count)
  }

  /// Whether answers to further samples are kept.
  var isOpen: Bool { answers.byteCount < KnownAnswers.mostBytes }

  /// Takes up the answers to the `count` samples behind those that are known.
  mutating func take(_ more: Answers, count: Int) {
    answers.append(more)
    samples += count
  }

  /// Those to some samples that are known.
  subscript(range: Range<Int>) -> Answers { answers.samples(range, widths: widths) }
}
