import Foundation
import GraphIR
import ModelFormats
import TensorCore

/// One backend test on disk.
struct CaseFolder {
  let kind: String
  let name: String
  let path: String

  var id: String { "\(kind)/\(name)" }

  /// Every folder `KIND/NAME` with a model in it, in order.
  static func all(in root: String) throws -> [CaseFolder] {
    let files = FileManager.default
    return try files.contentsOfDirectory(atPath: root).sorted().flatMap { kind -> [CaseFolder] in
      let folder = "\(root)/\(kind)"
      guard let names = try? files.contentsOfDirectory(atPath: folder) else { return [] }
      return names.sorted().filter { files.fileExists(atPath: "\(folder)/\($0)/model.onnx") }.map {
        CaseFolder(kind: kind, name: $0, path: "\(folder)/\($0)")
      }
    }
  }

  struct DataSet {
    let inputs: [String: RuntimeValue]
    let outputs: [RuntimeValue]
  }

  /// The sets of inputs and expected outputs, in the order of the graph's.
  func dataSets(for graph: Graph) throws -> [DataSet] {
    let sets = try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0.hasPrefix("test_data_set_") }.sorted()
    return try sets.map { set in
      let inputs = try values(in: set, "input", graph.inputs)
      let outputs = try values(in: set, "output", graph.outputs)
      return DataSet(
        inputs: Dictionary(zip(graph.inputs.map(\.name), inputs)) { first, _ in first }, outputs: outputs)
    }
  }

  private func values(in set: String, _ what: String, _ infos: [ValueInfo]) throws -> [RuntimeValue] {
    var values: [RuntimeValue] = []
    for (index, info) in infos.enumerated() {
      let file = "\(path)/\(set)/\(what)_\(index).pb"
      guard FileManager.default.fileExists(atPath: file) else { break }
      values.append(try ValueFile.read(path: file, as: info))
    }
    return values
  }

  /// How far apart numbers may be, as the case itself says: 1e-3 relative and 1e-7 absolute by default.
  var tolerance: Tolerance {
    struct Stored: Decodable {
      var rtol: Double?
      var atol: Double?
    }
    let data = FileManager.default.contents(atPath: "\(path)/data.json") ?? Data()
    let stored = try? JSONDecoder().decode(Stored.self, from: data)
    return Tolerance(relative: stored?.rtol ?? 1e-3, absolute: stored?.atol ?? 1e-7)
  }
}
