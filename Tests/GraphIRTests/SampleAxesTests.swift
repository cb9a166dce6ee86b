import GraphIR
import TensorCore
import Testing

@Suite struct SampleAxesTests {
  private static func value(_ name: String, _ dimensions: [Dimension]?) -> ValueInfo {
    ValueInfo(name: name, dataType: .float32, dimensions: dimensions)
  }

  private static func graph(
    _ inputs: [(String, [Dimension]?)], _ outputs: [(String, [Dimension]?)], nodes: [Node] = []
  ) -> Graph {
    Graph(
      name: "g", inputs: inputs.map { value($0.0, $0.1) }, outputs: outputs.map { value($0.0, $0.1) },
      nodes: nodes, initializers: [:], opsets: ["": 17])
  }

  @Test func aNameThatInputsShareTellsTheAxis() {
    let axes = SampleAxes(
      finding: Self.graph(
        [("x", [.symbolic("batch"), .fixed(32)]), ("state", [.fixed(2), .symbolic("batch"), .fixed(24)])],
        [("y", [.symbolic("batch"), .fixed(24)]), ("next", [.fixed(2), .symbolic("batch"), .fixed(24)])]))
    #expect(axes.inputs == ["x": .axis(0), "state": .axis(1)])
    #expect(axes.outputs == ["y": .axis(0), "next": .axis(1)])
    #expect(!axes.takesOneSample)
  }

  @Test func aSequenceFirstIsNotTheBatch() {
    let named = SampleAxes(
      finding: Self.graph(
        [("x", [.symbolic("seq_len"), .symbolic("batch_size"), .fixed(8)])],
        [("h", [.fixed(1), .symbolic("batch_size"), .fixed(16)])]))
    #expect(named.inputs == ["x": .axis(1)] && named.outputs == ["h": .axis(1)])
    let single = SampleAxes(
      finding: Self.graph([("x", [.symbolic("T"), .fixed(1), .fixed(8)])], [("y", nil)]))
    #expect(single.inputs == ["x": .axis(1)])
    // A sequence without an axis for several.
    let whole = SampleAxes(
      finding: Self.graph([("ids", [.symbolic("sequence")])], [("y", [.fixed(3)])]))
    #expect(whole.inputs == ["ids": .whole] && whole.takesOneSample)
  }

  @Test func recurrentOperatorsTellTheirSecondAxis() {
    let lstm = Node(
      name: "lstm", kind: "LSTM", inputs: ["t", "W", "R", "", "", "h", "c"], outputs: ["Y", "Yh", "Yc"])
    let transpose = Node(
      name: "t", kind: "Transpose", inputs: ["x"], outputs: ["t"], attributes: ["perm": .ints([1, 0, 2])])
    let axes = SampleAxes(
      finding: Self.graph(
        [
          ("x", [.fixed(1), .fixed(16), .fixed(8)]), ("h", [.fixed(1), .fixed(1), .fixed(16)]),
          ("c", [.fixed(1), .fixed(1), .fixed(16)]),
        ], [("Y", nil), ("Yh", nil)], nodes: [transpose, lstm]))
    #expect(axes.inputs == ["x": .axis(0), "h": .axis(1), "c": .axis(1)])
    #expect(axes.outputs == ["Y": .axis(2), "Yh": .axis(1)])
    // Sequence first, as PyTorch's nn.LSTM has it, the batch without a name.
    let direct = Node(name: "lstm", kind: "LSTM", inputs: ["x", "W", "R"], outputs: ["Y"])
    #expect(
      SampleAxes(
        finding: Self.graph([("x", [.fixed(16), .symbolic(""), .fixed(8)])], [("Y", nil)], nodes: [direct])
      ).inputs == ["x": .axis(1)])
  }

  @Test func sizesTellWhereNothingIsOpen() {
    let image: [Dimension] = [.fixed(1), .fixed(3), .fixed(8), .fixed(8)]
    #expect(
      SampleAxes(finding: Self.graph([("x", image)], [("y", [.fixed(1), .fixed(10)])])).inputs
        == ["x": .axis(0)])
    // Channels, height, width: no output has three samples.
    #expect(
      SampleAxes(finding: Self.graph([("x", Array(image.dropFirst()))], [("y", [.fixed(10)])])).inputs
        == ["x": .whole])
    #expect(
      SampleAxes(finding: Self.graph([("x", [.fixed(64)])], [("y", [.fixed(64)])])).inputs == ["x": .whole])
    let four: [Dimension] = [.fixed(4), .fixed(32)]
    let axes = SampleAxes(
      finding: Self.graph(
        [
          ("x", four), ("state", [.fixed(2), .fixed(4), .fixed(24)]), ("anchors", [.fixed(100), .fixed(4)]),
        ],
        [("y", [.fixed(4), .fixed(24)])]))
    #expect(axes.inputs == ["x": .axis(0), "state": .axis(1), "anchors": .shared])
    #expect(axes.fixedBatch(of: [Self.value("x", four)]) == 4)
  }

  @Test func openDimensionsWithoutNamesGoByTheirPlace() {
    let axes = SampleAxes(
      finding: Self.graph(
        [
          ("x", [.symbolic(""), .symbolic("")]), ("state", [.fixed(2), .symbolic(""), .fixed(128)]),
          ("rate", []),
        ], [("y", nil)]))
    #expect(axes.inputs == ["x": .axis(0), "state": .axis(1), "rate": .shared])
    let inputs = [
      Self.value("x", [.symbolic(""), .symbolic("")]),
      Self.value("state", [.fixed(2), .symbolic(""), .fixed(128)]),
    ]
    #expect(axes.dimensions(of: inputs, batch: 5) == ["x.0": 5, "x.1": 1, "state.1": 5])
  }

  @Test func whatIsAskedForReplacesWhatIsFound() throws {
    let graph = Self.graph(
      [("x", [.symbolic("a"), .symbolic("b2"), .fixed(3)]), ("s", [.fixed(5)])],
      [("y", [.symbolic("b2"), .fixed(2)])])
    let axes = try SampleAxes(graph, request: .some(["x": 1, "s": nil]))
    #expect(axes.inputs == ["x": .axis(1), "s": .shared] && axes.outputs == ["y": .axis(0)])
    #expect(try SampleAxes(graph, request: SampleAxes.Request.none).takesOneSample)
    #expect(try SampleAxes(graph, request: .all(1)).inputs == ["x": .axis(1), "s": .shared])
    #expect(throws: GraphError.sampleAxis(input: "x", rank: 3, choices: [])) {
      try SampleAxes(graph, request: .some(["x": 3]))
    }
    #expect(throws: GraphError.sampleAxis(input: "z", rank: nil, choices: ["x", "s"])) {
      try SampleAxes(graph, request: .some(["z": 0]))
    }
  }

  @Test func samplesAreTakenAlongTheirAxis() throws {
    let data = try Tensor(shape: [2, 3, 2], (0..<12).map(Float.init))
    #expect(try SamplePlace.axis(1).taking([2, 0], of: data).floats == [4, 5, 0, 1, 10, 11, 6, 7])
    #expect(try SamplePlace.axis(1).taking([1, 2], of: data).floats == [2, 3, 4, 5, 8, 9, 10, 11])
    let one = try SamplePlace.whole.taking([1], of: data)
    #expect(one.shape == [3, 2] && one.floats == [6, 7, 8, 9, 10, 11])
    #expect(try SamplePlace.shared.taking([1], of: data).shape == [2, 3, 2])
    #expect(throws: TensorError.self) { try SamplePlace.axis(1).taking([3], of: data) }
  }
}
