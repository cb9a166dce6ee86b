import Foundation
import Testing

/// The verbs as a shell runs them: output, errors and exit codes.
@Suite("Verbs")
struct VerbTests {
  private static let model = Sandbox.sample("digits-mlp")

  private func json(_ output: Sandbox.Output) throws -> [String: any Sendable] {
    let object = try JSONSerialization.jsonObject(with: Data(output.text.utf8))
    return try #require(object as? [String: any Sendable])
  }

  @Test func inspectListsTheLayers() throws {
    let output = try Sandbox.paretop(["inspect", Self.model])
    #expect(output.status == 0, "\(output.errors)")
    for name in ["/fc1/Gemm", "/fc2/Gemm", "50 826 parameters", "203"] {
      #expect(output.text.contains(name), "\(name)")
    }
    // The table adds up to what its heading says.
    let total = try #require(output.text.split(separator: "\n").first { $0.hasPrefix("total") })
    #expect(total.contains(" 50 826 ") && total.hasSuffix("203 KB"))
  }

  @Test func aTerminalObeysNoName() throws {
    var bytes = try Data(contentsOf: URL(filePath: Self.model + "/model.onnx"))
    // As long as the name it takes the place of, so that the file stays whole.
    let name = Data("c\u{1B}]0;own\u{7}".utf8)
    while let place = bytes.range(of: Data("/fc1/Gemm".utf8)) { bytes.replaceSubrange(place, with: name) }
    let file = try Sandbox.makeFolder().appending(path: "named.onnx")
    try bytes.write(to: file)
    for verb in [["inspect"], ["eval", "--weight-bits", "8"], ["sensitivity", "--weight-bits", "4"]] {
      let output = try Sandbox.paretop([verb[0], file.path] + verb.dropFirst())
      #expect(output.status == 0, "\(output.errors)")
      #expect(output.text.contains(#"c\u001b]0;own\u0007"#), "\(verb)")
      #expect(!(output.text + output.errors).contains("\u{1B}"), "\(verb)")
    }
  }

  @Test func nothingIsWrittenOverWhatIsRead() throws {
    let folder = try Sandbox.makeFolder()
    let model = folder.appending(path: "mine.onnx")
    try FileManager.default.copyItem(atPath: Self.model + "/model.onnx", toPath: model.path)
    let before = try Data(contentsOf: model)
    let export = try Sandbox.paretop(
      ["export", model.path, "--weight-bits", "8", "--output", folder.path + "/./mine.onnx", "--force"])
    #expect(export.status == 1 && export.errors.contains("is what is read"), "\(export.errors)")
    #expect(try Data(contentsOf: model) == before)
    let arrays = folder.appending(path: "in.npz")
    try FileManager.default.copyItem(atPath: Self.model + "/calibration.npz", toPath: arrays.path)
    let run = try Sandbox.paretop(["run", model.path, "--input", arrays.path, "--output", arrays.path])
    #expect(run.status == 1 && run.errors.contains("is what is read"), "\(run.errors)")
  }

  @Test func refusalsNameWhatWasWritten() throws {
    let recipe = try Sandbox.makeFolder().appending(path: "recipe.toml")
    try Data("[model]\nprune = 0.5\n\0rank = 0.5\n".utf8).write(to: recipe)
    let cases = [
      (["eval", Self.model, "--set", "weight-bits="], "--set weight-bits=4"),
      (["eval", Self.model, "--cpu", "foo"], "--cpu is \"foo\""),
      (["eval", Self.model, "--recipe", recipe.path], "not UTF-8 text"),
      (["methods", "nope"], "no setting \"nope\""),
    ]
    for (arguments, sentence) in cases {
      let output = try Sandbox.paretop(arguments)
      #expect(output.status != 0 && output.errors.contains(sentence), "\(output.errors)")
    }
  }

  @Test func aKnobThatStaysIsNotProbed() throws {
    let output = try Sandbox.paretop(["sensitivity", Self.model, "--prune", "0", "--rank", "1", "--csv"])
    #expect(output.status == 0, "\(output.errors)")
    let knobs = Set(output.text.split(separator: "\n").dropFirst().map { $0.split(separator: ",")[1] })
    #expect(knobs == ["weight-bits"])
  }

  @Test func evalPrintsOneObjectWithUnits() throws {
    let output = try Sandbox.paretop(
      ["eval", Self.model, "--prune", "0.5", "--weight-bits", "4", "--rank", "0.5", "--json"])
    #expect(output.status == 0, "\(output.errors)")
    let object = try json(output)
    let size = try #require(object["size"] as? [String: any Sendable])
    let accuracy = try #require(object["accuracy"] as? [String: any Sendable])
    let latency = try #require(object["latency"] as? [String: any Sendable])
    #expect(try #require(size["bytes"] as? Int) < #require(size["original_bytes"] as? Int))
    #expect(try (0...1).contains(#require(accuracy["fraction"] as? Double)))
    #expect(accuracy["samples"] as? Int == 540)
    #expect(try #require(latency["p50_nanoseconds"] as? Double) > 0)
    #expect(try #require(latency["original_p50_nanoseconds"] as? Double) > 0)
    let layers = try #require(object["layers"] as? [[String: any Sendable]])
    #expect(layers.count == 3)
    for layer in layers { #expect(try #require(layer["nanoseconds"] as? Double) > 1) }
  }

  @Test func theOriginalScoresWhatItsCardSays() throws {
    let object = try json(Sandbox.paretop(["eval", Self.model, "--json"]))
    let accuracy = try #require(object["accuracy"] as? [String: any Sendable])
    #expect(try abs(#require(accuracy["fraction"] as? Double) - 0.977778) < 0.002)
    #expect(accuracy["difference"] as? Double == 0)
  }

  @Test func formerNamesStillWorkAndAreToldOf() throws {
    let folder = try Sandbox.makeFolder()
    let recipe = folder.appending(path: "old.toml").path
    try Data("[model]\nnumbers = \"mx\"\nscaling = \"equalize\"\n".utf8).write(to: URL(filePath: recipe))
    let output = try Sandbox.paretop(
      ["eval", Self.model, "--recipe", recipe, "--bits", "8", "--set", "norms=folded", "--json"])
    #expect(output.status == 0, "\(output.errors)")
    #expect(try json(output)["recipe_summary"] as? String == "W8 cross-layer mx folded")
    for (former, present) in [
      ("numbers", "number-format"), ("equalize", "cross-layer"), ("--bits", "--weight-bits"),
      ("norms", "batch-norm"),
    ] {
      #expect(output.errors.contains("\"\(former)\" is now \"\(present)\""), "\(output.errors)")
    }
    #expect(output.errors.contains(recipe))
  }

  @Test func aLayerCanDiffer() throws {
    let all = try json(Sandbox.paretop(["eval", Self.model, "--weight-bits", "8", "--json"]))
    let one = try json(Sandbox.paretop(["eval", Self.model, "--layer", "/fc1/Gemm:weight-bits=8", "--json"]))
    func bytes(_ object: [String: any Sendable]) throws -> Int {
      try #require((object["size"] as? [String: any Sendable])?["bytes"] as? Int)
    }
    #expect(try bytes(one) > bytes(all))
  }

  @Test func exportWritesModelAndRecipeThatEvalReads() throws {
    let folder = try Sandbox.makeFolder()
    let file = folder.appending(path: "small.onnx").path
    let exported = try Sandbox.paretop(["export", Self.model, "--output", file, "--weight-bits", "8"])
    #expect(exported.status == 0, "\(exported.errors)")
    let recipe = folder.appending(path: "small.recipe.toml").path
    #expect(FileManager.default.fileExists(atPath: recipe))
    let again = try Sandbox.paretop(["eval", Self.model, "--recipe", recipe, "--json"])
    #expect(try json(again)["recipe_summary"] as? String == "W8")
    let opened = try Sandbox.paretop(["inspect", file])
    #expect(opened.status == 0, "\(opened.errors)")
  }

  @Test func exportTellsSizesAndTheOperatorSet() throws {
    let folder = try Sandbox.makeFolder()
    func exported(_ name: String, _ flags: [String]) throws -> (text: String, bytes: Int) {
      let file = folder.appending(path: name)
      let output = try Sandbox.paretop(
        ["export", Self.model, "--output", file.path, "--weight-bits", "4"] + flags)
      #expect(output.status == 0, "\(output.errors)")
      return (output.text, try Data(contentsOf: file).count)
    }
    let packed = try exported("packed.onnx", [])
    #expect(packed.text.contains("weights as stored") && packed.text.contains("operator set 21"))
    let portable = try exported("portable.onnx", ["--format", "portable"])
    #expect(portable.text.contains("operator set 13") && packed.bytes * 3 < portable.bytes * 2)
    let refused = try Sandbox.paretop(["export", Self.model, "--opset", "24"])
    #expect(refused.status != 0 && refused.errors.contains("13 to 21"))
  }

  @Test func exportDoesNotOverwrite() throws {
    let folder = try Sandbox.makeFolder()
    let file = folder.appending(path: "taken.onnx")
    try "mine".write(to: file, atomically: true, encoding: .utf8)
    let output = try Sandbox.paretop(["export", Self.model, "--output", file.path, "--weight-bits", "8"])
    #expect(output.status != 0)
    #expect(try String(contentsOf: file, encoding: .utf8) == "mine")
  }

  @Test func sessionsAreListedAndDeletedOnRequest() async throws {
    let home = try Sandbox.makeFolder()
    #expect(try Sandbox.paretop(["sessions"], home: home).errors.contains("No session is kept"))
    let terminal = try Tmux([Self.model], home: home)
    try await terminal.wait(for: "settled")
    try terminal.type("b", "h", "h")
    try await terminal.wait(for: "W8: settled")
    try terminal.type("q")
    try await terminal.wait(for: "exit=0")
    let list = try Sandbox.paretop(["sessions"], home: home)
    let row = try #require(list.text.split(separator: "\n").last)
    #expect(row.contains("digits-mlp") && row.contains("just now"), "\(list.text)")
    let unanswered = try Sandbox.paretop(["sessions", "--delete", "1"], home: home)
    #expect(unanswered.status == 1 && unanswered.errors.contains("--force"), "\(unanswered.errors)")
    #expect(try Sandbox.paretop(["sessions", "--delete", "7"], home: home).status == 1)
    let asking = try Tmux(["sessions", "--delete", "1"], home: home)
    try await asking.wait(for: "[y/N]")
    try asking.type("n", "Enter")
    try await asking.wait(for: "Nothing was deleted")
    #expect(try Sandbox.paretop(["sessions", "--delete", "1", "--force"], home: home).status == 0)
    #expect(try Sandbox.paretop(["sessions"], home: home).text.isEmpty)
  }

  @Test func doctorNamesTheKernels() throws {
    let output = try Sandbox.paretop(["doctor"])
    #expect(output.status == 0, "\(output.errors)")
    for word in ["processor", "kernels", "threads", "sessions", "themes"] {
      #expect(output.text.contains(word))
    }
    let forced = try Sandbox.paretop(["doctor"], environment: ["PARETOP_CPU": "portable"])
    #expect(forced.text.contains("portable"))
    // What is chosen for each form follows the level.
    let rows = forced.text.split(separator: "\n").filter { $0.hasPrefix("dense float32") }
    #expect(rows.count == 1 && rows[0].hasSuffix("portable"))
  }
}

/// What bad input gets: one sentence with the way out, exit code 1, and no crash.
@Suite("Bad input")
struct BadInputTests {
  private static let model = Sandbox.sample("digits-mlp")

  private func expectRefusal(
    _ arguments: [String], naming words: [String], environment: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let output = try Sandbox.paretop(arguments, environment: environment)
    #expect((1...127).contains(output.status), "exit \(output.status)", sourceLocation: sourceLocation)
    #expect(output.text.isEmpty, sourceLocation: sourceLocation)
    let lines = output.errors.split(separator: "\n")
    #expect((1...4).contains(lines.count), "\(output.errors)", sourceLocation: sourceLocation)
    for word in words {
      #expect(output.errors.contains(word), "no \(word) in: \(output.errors)", sourceLocation: sourceLocation)
    }
  }

  private func file(_ name: String, _ data: Data) throws -> String {
    let path = try Sandbox.makeFolder().appending(path: name)
    try data.write(to: path)
    return path.path
  }

  @Test func aMissingModel() throws {
    try expectRefusal(["eval", "/nowhere/model.onnx"], naming: ["/nowhere/model.onnx"])
  }

  @Test func anEmptyModel() throws {
    try expectRefusal(["inspect", file("empty.onnx", Data())], naming: ["empty.onnx", "empty"])
  }

  @Test func aTruncatedModel() throws {
    let whole = try Data(contentsOf: URL(filePath: Self.model + "/model.onnx"))
    for share in [0.1, 0.5, 0.9, 0.999] {
      try expectRefusal(
        ["inspect", file("cut.onnx", whole.prefix(Int(Double(whole.count) * share)))], naming: ["cut.onnx"])
    }
  }

  @Test func somethingElseThanAModel() throws {
    try expectRefusal(["inspect", file("text.onnx", Data("hello, world\n".utf8))], naming: ["text.onnx"])
    try expectRefusal(
      ["inspect", file("noise.onnx", Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7919) }))],
      naming: ["noise.onnx"])
  }

  @Test func dataThatDoesNotFit() throws {
    try expectRefusal(
      ["eval", Self.model, "--data", Sandbox.sample("glyphs-lenet") + "/evaluation.npz"],
      naming: ["shape", "evaluation.npz"])
  }

  @Test func aLayerThatIsNotThere() throws {
    try expectRefusal(
      ["eval", Self.model, "--layer", "/fc9/Gemm:weight-bits=4"], naming: ["/fc9/Gemm", "/fc1/Gemm"])
  }

  @Test func sessionsThatCannotBeRead() throws {
    let home = try Sandbox.makeFolder()
    let folder = home.appending(path: "paretop")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("ten years of notes".utf8).write(to: folder.appending(path: "sessions.sqlite"))
    try expectRefusal(
      ["sessions"], naming: [folder.path, "XDG_STATE_HOME"], environment: ["XDG_STATE_HOME": home.path])
  }

  @Test func numbersOutOfRange() throws {
    try expectRefusal(["eval", Self.model, "--prune", "1.5"], naming: ["prune", "0.99"])
    try expectRefusal(["eval", Self.model, "--rank", "0"], naming: ["rank", "0.01"])
    try expectRefusal(["eval", Self.model, "--weight-bits", "7"], naming: ["bits", "1.58"])
  }

  @Test func aBrokenRecipe() throws {
    let recipe = try file("recipe.toml", Data("[model]\nprune = \"much\"\n".utf8))
    try expectRefusal(["eval", Self.model, "--recipe", recipe], naming: ["prune"])
  }

  @Test func noTerminal() throws {
    try expectRefusal([Self.model], naming: ["terminal", "--help"])
  }

  @Test func aFullDisk() throws {
    try expectRefusal(
      [
        "run", Self.model, "--input",
        file("in.npz", Data(contentsOf: URL(filePath: Self.model + "/evaluation.npz"))), "--output",
        "/dev/full",
      ],
      naming: ["/dev/full"])
  }

  @Test func anUnknownFeatureLevel() throws {
    try expectRefusal(["doctor"], naming: ["PARETOP_CPU", "portable"], environment: ["PARETOP_CPU": "fast"])
  }
}
