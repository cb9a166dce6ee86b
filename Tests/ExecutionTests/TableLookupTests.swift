import Execution
import GraphIR
import Kernels
import TensorCore
import Testing

/// Rows of stored tables are unpacked as they are looked up.
@Suite struct TableLookupTests {
  private func check(_ table: (GraphBuilder) -> String) throws -> ExecutionPlan {
    let builder = GraphBuilder(seed: 5)
    let x = builder.input("x", [2, 5], .int64)
    let rows = builder.node("Gather", [table(builder), x], ["axis": .int(0)])
    let graph = builder.graph([builder.node("Neg", [rows])])
    let ids = try Tensor(shape: [2, 5], [0, 10, 3, -1, 3, 7, -11, 2, 2, 9] as [Int64])
    return try Comparison.check(graph, ["x": ids], tolerance: 0)
  }

  @Test(arguments: TensorCore.WeightBits.allCases, [nil, 0] as [Int?])
  func rowsOfCodesEqualThoseOfTheWholeTable(bits: TensorCore.WeightBits, axis: Int?) throws {
    let plan = try check { $0.quantized([11, 21], bits: bits, axis: axis) }
    // Ten rows of the eleven, and no floats of any.
    let traffic = try #require(plan.steps.first?.traffic)
    #expect(traffic.weightsRead <= 10 * (21 + 4))
  }

  @Test func columnsWithScalesOfTheirOwnAreFloats() throws {
    _ = try check { $0.quantized([11, 21], bits: .int8, axis: 1) }
  }

  @Test func aFloatTableIsReadByRows() throws {
    let plan = try check { $0.weight([11, 21]) }
    #expect(plan.steps.first?.traffic?.weightsRead == 10 * 21 * 4)
  }
}
