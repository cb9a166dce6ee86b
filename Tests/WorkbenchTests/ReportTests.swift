import Compression
import Evaluation
import Foundation
import Recipes
import TensorCore
import Testing
import Workbench

@Suite("Reports")
struct ReportTests {
  private var report: EvaluationReport {
    var recipe = Recipe.identity
    recipe.model.prune = 0.5
    recipe.model.weightBits = .quantized(.int4)
    recipe.layers["/fc1/Gemm"] = {
      var override = LayerOverride()
      override.rank = 0.25
      return override
    }()
    let machine = MachineDescription(
      processor: "CPU, \"fast\"", featureLevel: "AVX2", cores: 2, threads: 2, memoryBytes: 1 << 30)
    return EvaluationReport(
      model: "sample.onnx", recipe: recipe, machine: machine, measurement: .sample(of: recipe, accuracy: 0.9))
  }

  @Test func jsonIsRead() throws {
    #expect(try EvaluationReport(json: report.json(isIndented: false)) == report)
    #expect(try !report.json(isIndented: false).contains("\n"))
  }

  @Test func jsonNamesUnits() throws {
    let object = try JSONSerialization.jsonObject(with: Data(report.json(isIndented: true).utf8))
    let fields = try #require(object as? [String: any Sendable])
    let latency = try #require(fields["latency"] as? [String: any Sendable])
    #expect(latency["p50_nanoseconds"] != nil && latency["original_p50_nanoseconds"] != nil)
    let size = try #require(fields["size"] as? [String: any Sendable])
    #expect(size["bytes"] as? Int == 27_500)
    let operations = try #require(fields["operations"] as? [String: any Sendable])
    #expect(operations["macs"] as? Int == 2_400_000 && operations["original_macs"] != nil)
    #expect(operations["executed_macs"] != nil)
    let recipe = try #require(fields["recipe"] as? [String: any Sendable])
    #expect((recipe["layers"] as? [String: any Sendable])?.keys.first == "/fc1/Gemm")
  }

  @Test func csvHasAFieldForEveryColumn() {
    #expect(
      SweepTable.line(report).split(separator: ",", omittingEmptySubsequences: false).count
        == SweepTable.header.split(separator: ",").count)
  }

  @Test func csvLeavesUnmeasuredFieldsEmpty() {
    var bare = report
    bare.latency = nil
    bare.accuracy = nil
    bare.energy = nil
    bare.operations = nil
    let fields = SweepTable.line(bare).split(separator: ",", omittingEmptySubsequences: false)
    #expect(fields.count == SweepTable.header.split(separator: ",").count)
    #expect(fields[9...].allSatisfy { $0.isEmpty })
  }
}
