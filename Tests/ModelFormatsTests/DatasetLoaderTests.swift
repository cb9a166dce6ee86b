import Foundation
import GraphIR
import ModelFormats
import TensorCore
import Testing

@Suite("Data sets are fitted to the model")
struct DatasetLoaderTests {
  private func input(_ sample: [Int], _ type: DataType = .float32, name: String = "input") -> ValueInfo {
    ValueInfo(name: name, dataType: type, dimensions: [.symbolic("N")] + sample.map { .fixed($0) })
  }

  private func samples(_ dimensions: [Int], _ type: DataType = .uint8) -> Tensor {
    Tensor(shape: Shape(known: dimensions), of: UInt8.self) {
      for index in $0.indices { $0[index] = UInt8(index % 200) }
    }
  }

  private let labels = try! Tensor(shape: [2], [0, 1] as [Int64])

  private func load(
    _ arrays: [String: Tensor], _ inputs: [ValueInfo], task: ModelTask = .classification(classes: []),
    _ preprocessing: Preprocessing = Preprocessing()
  ) throws -> Dataset {
    try DatasetLoader(inputs: inputs, preprocessing: preprocessing, task: task)
      .dataset(arrays, file: "f", split: .evaluation, name: "d")
  }

  @Test("names: x and y, the input's own, or the only array left")
  func names() throws {
    for (input, label) in [("x", "y"), ("input", "labels"), ("odd", "targets"), ("images", "label")] {
      let data = try load([input: samples([2, 4]), label: labels], [self.input([4])])
      #expect(data.inputs["input"]?.shape == [2, 4])
      #expect(data.targets?.integers == [0, 1])
      #expect(data.count == 2)
    }
  }

  @Test("a channel axis is put in, flat samples unflattened, images flattened")
  func shapes() throws {
    func shape(_ found: [Int], _ wanted: [Int]) throws -> Shape? {
      try load(["x": samples(found), "y": labels], [input(wanted)]).inputs["input"]?.shape
    }
    #expect(try shape([2, 4, 5], [1, 4, 5]) == [2, 1, 4, 5])
    #expect(try shape([2, 20], [1, 4, 5]) == [2, 1, 4, 5])
    #expect(try shape([2, 4, 5], [20]) == [2, 20])
  }

  @Test("a shape that does not fit is refused with both shapes")
  func misfit() {
    #expect(
      formatError { _ = try load(["x": samples([2, 4, 5]), "y": labels], [input([3, 4, 5])]) }
        == .shapeMismatch(file: "f", input: "input", expected: "[N, 3, 4, 5]", found: "[2, 4, 5]"))
    // Transposed images have as many elements, but must not pass.
    #expect(formatError { _ = try load(["x": samples([2, 5, 4]), "y": labels], [input([4, 5])]) } != nil)
  }

  @Test("(x * scale - mean) / std, per channel")
  func preprocessing() throws {
    let data = try load(
      ["x": samples([2, 2, 1, 2]), "y": labels], [input([2, 1, 2])],
      Preprocessing(scale: 0.5, mean: [1, 2], std: [1, 4]))
    #expect(data.inputs["input"]?.floats == [-1, -0.5, -0.25, -0.125, 1, 1.5, 0.25, 0.375])
    #expect(throws: FormatError.self) {
      try load(["x": samples([2, 2]), "y": labels], [input([2])], Preprocessing(mean: [1, 2, 3]))
    }
    #expect(throws: FormatError.self) {
      try load(["x": samples([2, 2]), "y": labels], [input([2])], Preprocessing(std: [0]))
    }
  }

  @Test("integers become the input's type; fractions and overflow do not")
  func types() throws {
    let tokens = try Tensor(shape: [2, 1], [1, 2] as [Int32])
    #expect(try load(["x": tokens, "y": labels], [input([1], .int64)]).inputs["input"]?.dataType == .int64)
    #expect(
      try load(["x": tokens, "y": labels], [input([1], .float16)]).inputs["input"]?.dataType == .float16)
    let fractions = try Tensor(shape: [2, 1], [1, 2.5] as [Float])
    #expect(throws: FormatError.self) { try load(["x": fractions, "y": labels], [input([1], .int64)]) }
    let large = try Tensor(shape: [2, 1], [1, 300] as [Int32])
    #expect(throws: FormatError.self) { try load(["x": large, "y": labels], [input([1], .uint8)]) }
  }

  @Test("a scalar input takes one number, as it is, for all samples")
  func scalars() throws {
    let inputs = [input([2]), ValueInfo(name: "t", dataType: .float32, dimensions: [])]
    let x = samples([2, 2])
    for shape in [[], [1], [1, 1]] {
      let one = try Tensor(shape: Shape(shape), [7] as [Float])
      let data = try load(["input": x, "t": one, "y": labels], inputs, Preprocessing(scale: 0.5))
      #expect(data.inputs["t"]?.shape == [] && data.inputs["t"]?.floats == [7])
      #expect(data.count == 2)
    }
    let two = try Tensor(shape: [2], [7, 8] as [Float])
    guard
      case .shapeMismatch(_, "t", "one number for all samples", _)? = formatError({
        _ = try load(["input": x, "t": two, "y": labels], inputs)
      })
    else {
      Issue.record("two numbers passed for a scalar")
      return
    }
  }

  @Test("samples that lie end to end are cut, where a run takes one whole")
  func endToEnd() throws {
    let x = ValueInfo(name: "x", dataType: .float32, dimensions: [.fixed(4), .fixed(6)])
    let y = ValueInfo(name: "y", dataType: .float32, dimensions: [.fixed(6), .fixed(3)])
    let axes = SampleAxes(
      finding: Graph(name: "g", inputs: [x], outputs: [y], nodes: [], initializers: [:], opsets: ["": 17]))
    #expect(axes["x"] == .whole)
    let loader = DatasetLoader(inputs: [x], axes: axes, task: .fidelity)
    let data = try loader.dataset(["x": samples([32, 6])], file: "f", split: .calibration, name: "d")
    #expect(data.inputs["x"]?.shape == [8, 4, 6])
    #expect(throws: FormatError.self) {
      try loader.dataset(["x": samples([30, 6])], file: "f", split: .calibration, name: "d")
    }
  }

  @Test func nanIsRefused() throws {
    let bad = try Tensor(shape: [2, 2], [1, 2, .nan, 4] as [Float])
    #expect(
      formatError { _ = try load(["x": bad, "y": labels], [input([2])]) }
        == .nonFiniteData(file: "f", array: "x", sample: 1))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let large = try Tensor(shape: [2, 2], [1, 2, 1e300, 4])
    let error = formatError { _ = try load(["x": large, "y": labels], [input([2])]) }
    guard case .invalidArray("f", "x", _, "1e+300")? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func counts() throws {
    let three = try Tensor(shape: [3], [0, 1, 2] as [Int64])
    #expect(
      formatError { _ = try load(["x": samples([2, 4]), "y": three], [input([4])]) }
        == .countMismatch(file: "f", samples: 2, labels: 3))
    #expect(throws: FormatError.self) { try load(["x": samples([0, 4]), "y": labels], [input([4])]) }
  }

  @Test func missingArrays() throws {
    guard case .missingLabels? = formatError({ _ = try load(["x": samples([2, 4])], [input([4])]) }) else {
      Issue.record("missing labels passed")
      return
    }
    #expect(try load(["x": samples([2, 4])], [input([4])], task: .fidelity).targets == nil)
    let two = [input([4], name: "a"), input([4], name: "b")]
    guard
      case .missingArray(_, ["b"], _)? = formatError({
        _ = try load(["a": samples([2, 4]), "y": labels], two)
      })
    else {
      Issue.record("a missing input passed")
      return
    }
    #expect(try load(["a": samples([2, 4]), "b": samples([2, 4]), "y": labels], two).inputs.count == 2)
  }

  @Test("labels by task")
  func labelsByTask() throws {
    let x = samples([2, 4])
    let answers = try Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6] as [Int64])
    let sequence = ModelTask.sequence(answerStart: 1, answerLength: 3)
    #expect(try load(["x": x, "y": answers], [input([4])], task: sequence).targets?.shape == [2, 3])
    #expect(throws: FormatError.self) {
      try load(["x": x, "y": answers], [input([4])], task: .sequence(answerStart: 1, answerLength: 2))
    }
    #expect(throws: FormatError.self) { try load(["x": x, "y": answers], [input([4])]) }
    #expect(try load(["x": x, "y": answers], [input([4])], task: .regression).targets?.dataType == .float32)
    let column = try Tensor(shape: [2, 1], [0, 1] as [Float])
    #expect(try load(["x": x, "y": column], [input([4])]).targets?.shape == [2])
  }

  @Test func labelRange() throws {
    #expect(throws: Never.self) { try Labels.check(labels, classes: 2) }
    #expect(
      formatError { try Labels.check(labels, classes: 1) }
        == .labelOutOfRange(label: 1, sample: 1, classes: 1))
  }

  @Test("images and labels in two idx files")
  func idxPair() throws {
    let folder = try TemporaryFolder()
    let images = try folder.write(
      "t10k-images-idx3-ubyte", Data([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4]))
    let labels = try folder.write("t10k-labels-idx1-ubyte", Data([0, 0, 8, 1, 0, 0, 0, 2, 7, 8]))
    let data = try DatasetLoader(inputs: [input([1, 1, 2])], task: .classification(classes: []))
      .load(paths: [images, labels], split: .evaluation)
    #expect(data.inputs["input"]?.shape == [2, 1, 1, 2])
    #expect(data.targets?.integers == [7, 8])
  }

  @Test func unknownFormat() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("data.bin", Data("what".utf8))
    #expect(formatError { _ = try ArrayFile.read(path: path) } == .unknownArrayFormat(file: path))
    let empty = try folder.write("data.npz", Data())
    #expect(formatError { _ = try ArrayFile.read(path: empty) } == .emptyFile(file: empty))
  }
}
