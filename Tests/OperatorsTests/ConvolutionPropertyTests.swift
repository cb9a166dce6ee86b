import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

@Suite("Convolutions and pools over random shapes")
struct ConvolutionPropertyTests {
  /// A random window over one to three axes.
  private struct Window {
    var rank: Int, input: [Int], kernel: [Int], strides: [Int], dilations: [Int], pads: [Int]

    init(_ random: inout SeededGenerator) {
      let rank = Int.random(in: 1...3, using: &random)
      func numbers(_ range: ClosedRange<Int>, _ count: Int) -> [Int] {
        (0..<count).map { _ in Int.random(in: range, using: &random) }
      }
      self.rank = rank
      kernel = numbers(1...3, rank)
      strides = numbers(1...3, rank)
      dilations = numbers(1...2, rank)
      pads = numbers(0...2, 2 * rank)
      input = zip(kernel, dilations).map { ($0 - 1) * $1 + 1 }
      for axis in 0..<rank { input[axis] += Int.random(in: 0...6, using: &random) }
    }

    var attributes: [String: Attribute] {
      [
        "kernel_shape": .ints(kernel), "strides": .ints(strides), "dilations": .ints(dilations),
        "pads": .ints(pads),
      ]
    }

    var output: [Int] {
      (0..<rank).map {
        (input[$0] + pads[$0] + pads[$0 + rank] - (kernel[$0] - 1) * dilations[$0] - 1) / strides[$0] + 1
      }
    }

    /// What the strides leave over at the end of each axis.
    var rest: [Int] {
      (0..<rank).map { axis in
        let extent = (kernel[axis] - 1) * dilations[axis] + 1
        let padded = input[axis] + pads[axis] + pads[axis + rank]
        return (padded - extent) % strides[axis]
      }
    }

    /// All index lists below `extents`, in row-major order.
    static func indices(_ extents: [Int]) -> [[Int]] {
      extents.reduce([[]]) { lists, extent in lists.flatMap { list in (0..<extent).map { list + [$0] } } }
    }

    /// The offset inside a plane under window place `place` at output `position`; nil in padding.
    func offset(_ position: [Int], _ place: [Int]) -> Int? {
      var offset = 0
      for axis in 0..<rank {
        let at = position[axis] * strides[axis] + place[axis] * dilations[axis] - pads[axis]
        guard (0..<input[axis]).contains(at) else { return nil }
        offset = offset * input[axis] + at
      }
      return offset
    }
  }

  private func random(_ shape: [Int], _ generator: inout SeededGenerator) -> Tensor {
    Tensor(shape: Shape(known: shape), of: Float.self) { values in
      for index in values.indices { values[index] = generator.normal() }
    }
  }

  private func run(
    _ kind: OperatorKind, _ inputs: [String: Tensor], _ attributes: [String: Attribute],
    _ level: CPUFeatureLevel
  )
    throws -> Tensor
  {
    let made = graph(
      kind, inputs: inputs, order: ["x", "w", "b"].filter { inputs[$0] != nil }, attributes: attributes)
    return try #require(try ReferenceRunner(table: .for(level)).run(made, inputs: inputs)["y0"])
  }

  @Test("Conv equals the sum over every window place", arguments: 0..<40)
  func convolution(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let window = Window(&random)
    let groups = Int.random(in: 1...3, using: &random)
    let (inputs, outputs) = (Int.random(in: 1...3, using: &random), Int.random(in: 1...6, using: &random))
    let x = self.random([2, groups * inputs] + window.input, &random)
    let w = self.random([groups * outputs, inputs] + window.kernel, &random)
    let b = self.random([groups * outputs], &random)
    let (plane, places) = (window.input.reduce(1, *), window.kernel.reduce(1, *))
    let (xs, ws, bs) = (x.floats, w.floats, b.floats)
    var expected: [Double] = []
    for image in 0..<2 {
      for channel in 0..<groups * outputs {
        for position in Window.indices(window.output) {
          var sum = Double(bs[channel])
          for source in 0..<inputs {
            let start = (image * groups * inputs + channel / outputs * inputs + source) * plane
            for (number, place) in Window.indices(window.kernel).enumerated() {
              guard let offset = window.offset(position, place) else { continue }
              sum += Double(xs[start + offset]) * Double(ws[(channel * inputs + source) * places + number])
            }
          }
          expected.append(sum)
        }
      }
    }
    let attributes = window.attributes.merging(["group": .int(groups)]) { _, new in new }
    for level in CPUFeatureLevel.available {
      let y = try run("Conv", ["x": x, "w": w, "b": b], attributes, level)
      #expect(y.shape.dimensions == [2, groups * outputs] + window.output)
      let worst = zip(y.floats, expected).map { abs(Double($0) - $1) }.max() ?? 0
      #expect(worst < 1e-4, "\(window) at \(level)")
    }
  }

  @Test("ConvTranspose is the transpose of Conv: <conv(x), y> = <x, transposed(y)>", arguments: 0..<40)
  func transposed(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(1000 + seed))
    var window = Window(&random)
    window.pads = window.pads.map { min($0, 1) }
    // Output padding tells apart the sizes that the stride maps to the same one.
    let rest = window.rest
    let x = self.random([1, 2] + window.input, &random)
    let w = self.random([3, 2] + window.kernel, &random)
    let y = self.random([1, 3] + window.output, &random)
    let attributes = window.attributes
    for level in CPUFeatureLevel.available {
      let forward = try run("Conv", ["x": x, "w": w], attributes, level)
      let back = try run(
        "ConvTranspose", ["x": y, "w": w],
        attributes.merging(["output_padding": .ints(rest)]) { _, new in new }, level)
      #expect(back.shape == x.shape)
      let left = zip(forward.floats, y.floats).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let right = zip(back.floats, x.floats).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(left - right) < 1e-3 * (1 + abs(left)), "\(window) at \(level)")
    }
  }

  @Test("pools equal their windows walked place by place", arguments: 0..<40)
  func pools(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(2000 + seed))
    let window = Window(&random)
    let x = self.random([2, 3] + window.input, &random)
    let (xs, plane) = (x.floats, window.input.reduce(1, *))
    var windows: [[Float]] = []
    for start in 0..<6 {
      for position in Window.indices(window.output) {
        windows.append(
          Window.indices(window.kernel).compactMap { window.offset(position, $0) }.map {
            xs[start * plane + $0]
          })
      }
    }
    let table = CPUFeatureLevel.detected
    let largest = try run("MaxPool", ["x": x], window.attributes, table)
    #expect(largest.floats == windows.map { $0.max() ?? -.infinity })
    let means = try run("AveragePool", ["x": x], window.attributes, table)
    let averages: [Float] = windows.map { $0.isEmpty ? 0 : $0.reduce(0, +) / Float($0.count) }
    let worst: Float? = zip(means.floats, averages).map { abs($0 - $1) }.max()
    #expect((worst ?? 0) < 1e-5)
  }
}
