import Compression
import Evaluation
import Foundation
import Recipes
import Search
import Session
import Testing
import Workbench

@Suite("Reports")
struct ReportTests {
  private let report = EvaluationReport.sample(.mixed)

  private func object(_ report: EvaluationReport) throws -> [String: any Sendable] {
    let object = try JSONSerialization.jsonObject(with: Data(report.json(isIndented: true).utf8))
    return try #require(object as? [String: any Sendable])
  }

  @Test func jsonHasEveryFieldOfEveryFigure() throws {
    let fields = try object(report)
    for figure in Figure.all {
      let group = try #require(fields[figure.group] as? [String: any Sendable])
      for name in figure.fields.compactMap(\.name) {
        #expect(group[name] != nil || name == "original_deflated_bytes", "\(figure.group).\(name)")
      }
    }
    #expect(try !report.json(isIndented: false).contains("\n"))
  }

  @Test func jsonNamesUnits() throws {
    let fields = try object(report)
    let latency = try #require(fields["latency"] as? [String: any Sendable])
    #expect(latency["p50_nanoseconds"] != nil && latency["original_p50_nanoseconds"] != nil)
    #expect((latency["speedup_interval"] as? [Double])?.count == 2)
    let size = try #require(fields["size"] as? [String: any Sendable])
    #expect(size["bytes"] as? Int == 27_500)
    let recipe = try #require(fields["recipe"] as? [String: any Sendable])
    #expect((recipe["layers"] as? [String: any Sendable])?.keys.first == "/fc1/Gemm")
  }

  @Test func jsonLeavesOutWhatWasNotMeasured() throws {
    var bare = report
    bare.readings.latency = nil
    bare.readings.accuracy = nil
    bare.readings.energy = nil
    bare.readings.operations = nil
    let keys = try object(bare).keys.sorted()
    #expect(keys == ["layers", "machine", "model", "origin", "recipe", "recipe_summary", "size"])
    let table = SweepTable(swept: [])
    let cells = try table.line(bare).split(separator: ",", omittingEmptySubsequences: false)
    for figure in Figure.all where figure.group != Figure.size.group {
      for name in figure.fields.flatMap(\.columns) {
        let column = try #require(table.header.split(separator: ",").firstIndex { $0 == name })
        #expect(cells[column].isEmpty, "\(name)")
      }
    }
  }

  @Test func figuresAreToldApart() {
    let fields = Figure.all.flatMap { figure in
      figure.fields.compactMap { $0.name.map { figure.group + "." + $0 } }
    }
    let columns = Figure.all.flatMap { $0.fields.flatMap(\.columns) }
    for names in [fields, columns, Figure.all.map(\.key), Figure.all.map(\.title)] {
      #expect(Set(names).count == names.count)
    }
    #expect(Figure.all.allSatisfy { $0.label.count <= 11 })
    #expect(Figure.groups.flatMap(\.self).count == Figure.all.count)
  }

  @Test func theTextHasALineForEveryFigure() {
    let lines = ReportText(report).text.split(separator: "\n")
    for figure in Figure.all {
      #expect(
        lines.contains { $0.hasPrefix(figure.label) || $0.hasPrefix("  " + figure.label) }, "\(figure.key)")
    }
    #expect(lines.contains("size          27.5 KB, original 440 KB, 16.0x smaller"))
    #expect(
      lines.contains(
        "accuracy      90.0 % [89.0 %, 91.0 %], original 95.0 %; measured: top-1 of logits on 1000 samples of "
          + "samples"))
    #expect(lines.contains("  beside      KL 0.2500 nats, SNR 20.0 dB"))
    #expect(lines.contains("  output      features: cosine 99.0 %, SNR 30.0 dB"))
    #expect(lines.contains("  not judged  version does not depend on the inputs"))
    #expect(lines.contains("  change      -5.0 pt [-5.5 pt, -4.5 pt]"))
    #expect(lines.contains("  faster      10.00x [9.80x, 10.20x]"))
  }

  @Test func stepsArePutTogether() throws {
    let (half, both) = (
      Readings.sample(of: .pruned(0.5), accuracy: 0.94), Readings.sample(of: .mixed, accuracy: 0.9)
    )
    let parts = RecipeInteraction.parts(of: .mixed)
    let steps = parts.prefix(2).map { RecipeInteraction.Step(part: $0, measurement: half) }
    let interaction = RecipeInteraction(steps: steps, together: both)
    let size = try #require(Figure.all.first { $0.key == "size" })
    #expect(interaction.expected(size) == .share(0.25))
    #expect(interaction.interaction(size) == .share(0.0625 / 0.25))
    let text = InteractionTable(interaction).text
    for cell in ["25.0 %", "-2.0 pt", "-3.0 pt", "4.00x"] { #expect(text.contains(cell), "\(text)") }
  }
}

extension Recipe {
  static func pruned(_ share: Double) -> Recipe {
    var recipe = Recipe.identity
    recipe.model.prune = share
    return recipe
  }

  /// Pruned to half, in four bits, and of a quarter of the rank in one layer.
  static var mixed: Recipe {
    var recipe = Recipe.pruned(0.5)
    recipe.model.weightBits = .quantized(.int4)
    var override = LayerOverride()
    override.rank = 0.25
    recipe.layers["/fc1/Gemm"] = override
    return recipe
  }
}

extension EvaluationReport {
  static func sample(_ recipe: Recipe, model: String = "sample.onnx") -> EvaluationReport {
    let machine = MachineDescription(
      processor: "CPU, \"fast\"", featureLevel: "AVX2", cores: 2, threads: 2, memoryBytes: 1 << 30)
    var readings = Readings.sample(of: recipe, accuracy: 0.9)
    readings.accuracy?.output = "logits"
    readings.accuracy?.asides = [
      AsideReading(key: "kl", value: 0.25), AsideReading(key: "snr_db", value: 20),
    ]
    readings.accuracy?.otherOutputs = [
      OutputReading(
        output: "features", metric: .cosine, value: 0.99, asides: [AsideReading(key: "snr_db", value: 30)])
    ]
    readings.accuracy?.leftOut = ["version does not depend on the inputs"]
    return EvaluationReport(
      model: model, recipe: recipe, machine: machine,
      origin: MeasurementOrigin(
        model: "12e4", data: "=1+2", machine: "box, \"fast\" | 2 threads", version: "0.1"),
      readings: readings)
  }
}
