import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

@Suite("Operators agree with ONNX Runtime")
struct RecordedCaseTests {
  @Test("on every recorded case and feature level", arguments: try RecordedCase.load())
  func agrees(recorded: RecordedCase) throws {
    let graph = try recorded.graph()
    let inputs = try recorded.fed.mapValues { try $0.tensor() }
    for level in CPUFeatureLevel.available {
      let found = try ReferenceRunner(table: .for(level)).run(graph, inputs: inputs)
      for (name, expected) in zip(recorded.outputs, recorded.expected) {
        let expected = try expected.tensor()
        let value = try #require(found[name])
        #expect(value.shape == expected.shape)
        #expect(value.dataType == expected.dataType)
        let worst = worstError(value, expected)
        #expect(worst <= recorded.tolerance, "\(name) at \(level): error \(worst)")
      }
    }
  }

  @Test(
    "The recorded cases cover every operator of ONNX Runtime's own; ONNX's backend tests cover the standard ones"
  )
  func coverage() throws {
    let covered = Set(try RecordedCase.load().map { OperatorKind($0.operator, domain: $0.domain) })
    let exempt: Set<OperatorKind> = [
      OperatorKind("SimplifiedLayerNormalization", domain: "com.microsoft"),
      OperatorKind("TransposeMatMul", domain: "com.microsoft"),
      OperatorKind("QuantizeLinear", domain: "com.microsoft"),
      OperatorKind("DequantizeLinear", domain: "com.microsoft"),
    ]
    let own = OperatorRegistry.standard.kinds.filter { $0.domain == "com.microsoft" }
    #expect(own.subtracting(covered).subtracting(exempt) == [])
  }

  /// The largest difference relative to 1 + |expected|; NaN must meet NaN and infinities their like.
  private func worstError(_ found: Tensor, _ expected: Tensor) -> Double {
    guard found.count == expected.count else { return .infinity }
    if !expected.dataType.isFloatingPoint { return found.integers == expected.integers ? 0 : .infinity }
    return zip(found.floats, expected.floats).reduce(0) { worst, pair in
      let (x, y) = (Double(pair.0), Double(pair.1))
      if x == y || (x.isNaN && y.isNaN) { return worst }
      let error = abs(x - y) / (1 + abs(y))
      return error.isNaN ? .infinity : max(worst, error)
    }
  }
}
