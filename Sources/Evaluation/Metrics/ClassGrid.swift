/// Where the scores of each class lie inside a sample's output.
struct ClassGrid: Sendable, Hashable {
  let classes: Int
  /// Those that are read; each has a score for every class.
  let positions: Range<Int>
  /// Elements from one class to the next.
  private let stride: Int

  /// - Parameter axis: that of the classes in `sample`, the shape of one sample.
  init(sample: [Int], axis: Int) {
    classes = sample.indices.contains(axis) ? sample[axis] : 1
    stride = sample.dropFirst(axis + 1).reduce(1, *)
    positions = 0..<(classes > 0 ? sample.reduce(1, *) / classes : 0)
  }

  /// All of a sample as the scores of one answer.
  init(oneAnswerOf size: Int) {
    classes = size
    stride = 1
    positions = 0..<1
  }

  private init(_ grid: ClassGrid, positions: Range<Int>) {
    classes = grid.classes
    stride = grid.stride
    self.positions = positions
  }

  /// The same with some of its positions only.
  func reading(_ positions: Range<Int>) -> ClassGrid { ClassGrid(self, positions: positions) }

  private func start(_ position: Int) -> Int { position / stride * stride * classes + position % stride }

  /// The class with the largest score at each position that is read; -1 where a score is no number.
  func appendClasses(of sample: UnsafeBufferPointer<Float>, to numbers: inout [Float]) {
    for position in positions {
      let start = start(position)
      numbers.append(
        Float(ClassGrid.largest(classes) { sample[start + $0 * stride] }))
    }
  }

  /// The scores at each position that is read, those of one position together.
  func appendScores(of sample: UnsafeBufferPointer<Float>, to numbers: inout [Float]) {
    for position in positions {
      let start = start(position)
      for index in 0..<classes { numbers.append(sample[start + index * stride]) }
    }
  }

  /// The place of the largest of `count` values, the first of equal ones; -1 where one is no number.
  static func largest(_ count: Int, _ value: (Int) -> Float) -> Int {
    var best = -1
    var score = -Float.infinity
    for index in 0..<count {
      let value = value(index)
      if value.isNaN { return -1 }
      if best < 0 || value > score {
        best = index
        score = value
      }
    }
    return best
  }
}
