import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

@Suite("Traits")
struct InPlaceTests {
  @Test("operators that may run in place give the same result there", arguments: try RecordedCase.load())
  func inPlace(recorded: RecordedCase) throws {
    let graph = try recorded.graph()
    let node = graph.nodes[0]
    let member = try OperatorRegistry.standard.find(node, opset: graph.opset(of: node.kind))
    let promises = member.traits(of: node.kind).promises
    // A composition is never run as one node in planned memory.
    guard !promises.isDisjoint(with: [.inPlace, .view]),
      OperatorRegistry.standard.composite(node.kind) == nil
    else { return }
    let fed = try recorded.fed.mapValues { try $0.tensor() }
    for level in CPUFeatureLevel.available {
      let table = KernelTable.for(level)
      let expected = try ReferenceRunner(table: table).run(graph, inputs: fed)[node.outputs[0]]
      let known = try ShapeInference.inferTypes(graph: graph, dimensions: [:])
      let site = try known.site(of: node, in: graph)
      let outputs = Array(try member.infer(site).prefix(1))
      let inputs = node.inputs.map { fed[$0] ?? known.constants[$0] }
      let body = try member.prepare(site, outputs: outputs, table: table)
      for (index, input) in inputs.enumerated() {
        let isView = promises.contains(.view)
        guard let input, isView ? index == 0 : TensorType(input.dataType, input.shape) == outputs[0] else {
          continue
        }
        let found = try run(body, inputs: inputs, output: outputs[0], over: index)
        #expect(found.bytes.elementsEqual(try #require(expected).bytes), "over input \(index) at \(level)")
      }
    }
  }

  /// Runs with the output in the memory of (a copy of) one input.
  private func run(_ body: OperatorBody, inputs: [Tensor?], output: TensorType, over shared: Int) throws
    -> Tensor
  {
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: body.scratchBytes + 64, alignment: 64)
    defer { scratch.deallocate() }
    let storage = try TensorStorage(byteCount: output.byteCount) { memory in
      if let bytes = inputs[shared]?.bytes { memory.copyMemory(from: bytes) }
      var reads = inputs.map { $0?.bytes.baseAddress }
      reads[shared] = UnsafeRawPointer(memory.baseAddress)
      var writes = [memory.baseAddress]
      try body.run(OperatorArguments(inputs: &reads, outputs: &writes, scratch: scratch))
    }
    return try Tensor(shape: output.shape, dataType: output.dataType, storage: storage)
  }
}
