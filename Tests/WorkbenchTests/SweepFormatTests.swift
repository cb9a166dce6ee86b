import Compression
import Evaluation
import Foundation
import Recipes
import Search
import Session
import Testing
import Workbench

/// What sweeps write, and what a resumed one reads back.
@Suite("Sweep files")
struct SweepFormatTests {
  private static let formats: [SweepFormat] = [.csv(SweepTable(swept: [Setting(\.criterion)])), .jsonLines]

  private func file(
    _ format: SweepFormat, _ reports: [EvaluationReport], lineEnd: String = "\n"
  ) throws -> Data {
    let lines = try [format.header].compactMap(\.self) + reports.map { try format.row($0) }
    return Data(lines.map { $0 + lineEnd }.joined().utf8)
  }

  /// A recipe whose names need every kind of care.
  private var awkward: EvaluationReport {
    var recipe = Recipe.mixed
    recipe.layers["a, \"b\"\nlayerName_x"] = recipe.layers["/fc1/Gemm"]
    recipe.model.prune = 0.1 + 0.2
    return .sample(recipe, model: "mine, \"new\"\r\none")
  }

  @Test func theColumnsOfTodayKeepTheirPlaces() {
    let header =
      "model,recipe,prune,weights_bits,activations_bits,rank,size_bytes,original_size_bytes,deflated_bytes,"
      + "accuracy_fraction,accuracy_low,accuracy_high,original_accuracy_fraction,difference,difference_low,"
      + "difference_high,latency_p50_ns,latency_p95_ns,original_latency_p50_ns,speedup,speedup_low,speedup_high,"
      + "energy_joules,energy_source,macs,original_macs,executed_macs"
    let table = SweepTable(swept: [.prune, .weightBits, Setting(\.symmetry), Setting(\.criterion)])
    #expect(table.header.hasPrefix(header + ","))
    #expect(
      table.header.hasSuffix(",criterion,symmetry,model_digest,data_digest,machine,version,recipe_json"))
  }

  @Test func everySweptSettingHasAColumn() throws {
    let recipes = try SweepGrid([Setting(\.criterion): "magnitude,wanda,obs"], base: .pruned(0.5)).recipes
    let table = SweepTable(swept: [Setting(\.criterion)])
    let column = try #require(table.header.split(separator: ",").firstIndex(of: "criterion"))
    let cells = try recipes.map {
      try table.line(.sample($0)).split(separator: ",", omittingEmptySubsequences: false)[column]
    }
    #expect(cells == ["magnitude", "wanda", "obs"])
  }

  @Test(arguments: formats) func recipesAreReadBackExactly(format: SweepFormat) throws {
    let reports = [awkward] + [Recipe.identity, .pruned(0.5), .mixed].map { .sample($0) }
    for lineEnd in ["\n", "\r\n"] {
      let bytes = try file(format, reports, lineEnd: lineEnd)
      let rows = try format.rows(in: bytes)
      #expect(rows.measured == Set(reports.map { MeasuredRecipe(origin: $0.origin, recipe: $0.recipe) }))
      #expect(rows.wholeBytes == bytes.count && rows.lineEnd == lineEnd && !rows.isLineOpen)
    }
  }

  /// Wherever a sweep is cut off, whole rows stay, and nothing else is taken for one.
  @Test(arguments: formats) func aRowThatWasCutOffIsLeftOut(format: SweepFormat) throws {
    let reports = [Recipe.identity, .mixed].map { EvaluationReport.sample($0) }
    let bytes = try file(format, reports)
    var ends = [0]
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { ends.append(index + 1) }
    let first = format.header == nil ? 0 : 1
    // Every place near a line's end, and every seventh.
    let lengths = (ends[first]...bytes.count).filter { length in
      length % 7 == 0 || ends.contains { abs($0 - length) < 3 }
    }
    for length in lengths {
      let whole = ends.last { $0 <= length } ?? 0
      // A row that lacks nothing but its line end is whole.
      let isOpen = ends.contains(length + 1) && length > ends[first]
      guard format.header != nil || length == 0 || whole > 0 || isOpen else {
        #expect(throws: SweepFileError.self) { try format.rows(in: bytes.prefix(length)) }
        continue
      }
      let rows = try format.rows(in: bytes.prefix(length))
      #expect(rows.isLineOpen == isOpen, "\(length)")
      #expect(rows.wholeBytes == (isOpen ? length : whole), "\(length)")
      #expect(
        rows.measured.count == ends.filter { $0 <= rows.wholeBytes + (isOpen ? 1 : 0) }.count - 1 - first)
    }
  }

  @Test func anotherHeaderIsRefused() throws {
    let format = SweepFormat.csv(SweepTable(swept: [Setting(\.criterion)]))
    let others = [
      "ten years of notes", "ten years\nof notes\n", "model,recipe\n",
      SweepTable(swept: [Setting(\.symmetry)]).header + "\n", (format.header ?? "") + ",more\n", "\r\n", "\"",
    ]
    for text in others {
      #expect(throws: SweepFileError.self, "\(text)") { try format.rows(in: Data(text.utf8)) }
    }
  }

  @Test(arguments: formats) func rowsOfSomethingElseAreRefused(format: SweepFormat) throws {
    let bytes = try file(format, [.sample(.mixed)])
    for text in ["notes\n", "{\"model\":\"m\"}\n", "\"open\nand on\n", "1,2,3\n"] {
      #expect(throws: SweepFileError.self, "\(text)") { try format.rows(in: bytes + Data(text.utf8)) }
    }
    #expect(try format.rows(in: bytes + Data("\n".utf8)).measured.count == 1)
  }

  @Test(arguments: formats) func rowsOfAnotherOriginAreTheirOwn(format: SweepFormat) throws {
    var other = EvaluationReport.sample(.mixed)
    other.origin = MeasurementOrigin(model: "13", data: "2", machine: "box", version: "0.1")
    let rows = try format.rows(in: file(format, [.sample(.mixed), other]))
    #expect(rows.measured.count == 2)
    #expect(rows.measured.contains(MeasuredRecipe(origin: other.origin, recipe: .mixed)))
  }

  @Test func aNameIsNoFormulaAndNoLineEnd() throws {
    let cells = ["=cmd|'/C calc'!A0", "@sum", "+1+2", "-x", "'quoted", "a\r\nb\tc"].map(CSVRecords.written)
    #expect(
      cells == ["'=cmd|'/C calc'!A0", "'@sum", "'+1+2", "'-x", "''quoted", "a\\u000d\\u000ab\\u0009c"],
      "\(cells)")
    #expect(["-0.4", "+3", "W8", "1e-3"].map(CSVRecords.written) == ["-0.4", "+3", "W8", "1e-3"])
    let named = EvaluationReport.sample(.mixed, model: "=1+1\nnext")
    #expect(try SweepTable(swept: []).line(named).hasPrefix("'=1+1"))
  }

  @Test func aByteOrderMarkIsNoColumn() throws {
    let format = SweepFormat.csv(SweepTable(swept: []))
    let bytes = Data([0xEF, 0xBB, 0xBF]) + (try file(format, [.sample(.mixed)], lineEnd: "\r\n"))
    #expect(try format.rows(in: bytes).measured.count == 1)
  }
}
