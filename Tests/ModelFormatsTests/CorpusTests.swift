import Foundation
import ModelFormats
import Testing

/// The inputs that the fuzzers start from, those that once went wrong among them.
@Suite("Every input of the fuzzers' corpus is a value or an error in a sentence")
struct CorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Fuzz/Corpus").standardized.path

  static let inputs: [String] = ["onnx", "npz", "npy", "idx", "csv"].flatMap { kind in
    ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + kind)) ?? []).map {
      kind + "/" + $0
    }
  }.sorted()

  @Test(arguments: inputs) func isReadOrRefused(input: String) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: CorpusTests.folder + "/" + input))
    do {
      switch input.prefix(while: { $0 != "/" }) {
      case "onnx":
        let model = try ONNXReader.read(bytes: bytes, file: input)
        let again = try ONNXReader.read(bytes: ONNXWriter.bytes(model), file: input)
        #expect(again.graph.outputs.map(\.name) == model.graph.outputs.map(\.name))
      case "npz": _ = try NPZ.read(bytes: bytes, file: input, limit: 1 << 24)
      case "npy": _ = try NPY.read(bytes: bytes, file: input)
      case "idx": _ = try IDX.read(bytes: bytes, file: input)
      default: _ = try CSV.read(bytes: bytes, file: input)
      }
    } catch {
      #expect(error is FormatError)
    }
  }

  @Test func theCorpusIsThere() { #expect(CorpusTests.inputs.count > 20) }

  @Test func entriesThatShareTheirBytesAreRefused() throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: CorpusTests.folder + "/npz/overlapping"))
    guard
      case .invalidArchive(_, _, "its entries overlap")? = formatError({
        _ = try NPZ.read(bytes: bytes, file: "f")
      })
    else {
      Issue.record("two arrays of the same bytes passed")
      return
    }
  }
}
