/// What a model answered to samples seen so far, in their order: for each output that is judged, what its judge keeps.
struct Answers: Sendable {
  private(set) var outputs: [[Float]]

  /// - Parameter outputs: how many are judged.
  init(outputs: Int) { self.outputs = Array(repeating: [], count: outputs) }

  /// Answers to each step of `samples` samples, put together sample by sample.
  init(steps: [Answers], samples: Int) {
    let count = steps.first?.outputs.count ?? 0
    outputs = (0..<count).map { output in
      (0..<samples).flatMap { sample in
        steps.flatMap { step in
          let width = step.outputs[output].count / max(1, samples)
          return step.outputs[output][sample * width..<(sample + 1) * width]
        }
      }
    }
  }

  mutating func append(_ other: Answers) {
    for index in outputs.indices { outputs[index] += other.outputs[index] }
  }

  mutating func edit(_ output: Int, _ body: (inout [Float]) -> Void) { body(&outputs[output]) }

  /// Those to some samples, counted from the first that is held.
  func samples(_ range: Range<Int>, widths: [Int]) -> Answers {
    var part = self
    for (index, width) in widths.enumerated() {
      part.outputs[index] = Array(outputs[index][range.lowerBound * width..<range.upperBound * width])
    }
    return part
  }

  var byteCount: Int { outputs.reduce(0) { $0 + $1.count * MemoryLayout<Float>.stride } }
}
