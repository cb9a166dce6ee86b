import Foundation
import GraphIR
import ModelFormats
import TensorCore
import Testing

@Suite("Cut and flipped files never trap")
struct FuzzTests {
  /// Covers every message: initializers of several forms, attributes, nested graphs.
  private func model() throws -> Data {
    var proto = try ONNXModelProto(serializedBytes: modelBytes(seed: 3))
    proto.metadataProps = []
    var sparse = ONNXSparseTensorProto()
    sparse.dims = [2, 3]
    sparse.values = Proto.floats("sparse", [2], [5, 6])
    sparse.indices = Proto.tensor("", 7, [2]) { $0.int64Data = [1, 5] }
    proto.graph.sparseInitializer = [sparse]
    proto.graph.initializer += [
      Proto.floats("typed", [2], [1, 2]), Proto.tensor("i32", 3, [2]) { $0.int32Data = [1, 2] },
      Proto.tensor("four", 22, [3]) { $0.rawData = Data([1, 2]) }, externalTensor(["location": "w.bin"]),
    ]
    proto.graph.initializer.removeLast()
    return try proto.serializedBytes()
  }

  private func modelBytes(seed: UInt64) throws -> Data {
    var random = RandomModel(seed: seed)
    return try ONNXWriter.bytes(random.model())
  }

  @Test("every prefix of a model is an error")
  func truncatedModel() throws {
    let bytes = try model()
    #expect(throws: Never.self) { try ONNXReader.read(bytes: bytes, file: "f") }
    for count in 0..<bytes.count {
      // Operator sets stand last: without one of a foreign domain, the model is whole.
      let error = formatError { _ = try ONNXReader.read(bytes: bytes.prefix(count), file: "f") }
      if error == nil { #expect(count > bytes.count - 24) }
    }
  }

  @Test("flipped bytes of a model are read or refused", arguments: 0..<4)
  func flippedModel(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let original = try seed == 0 ? model() : modelBytes(seed: seed + 10)
    for _ in 0..<1500 {
      _ = try? ONNXReader.read(bytes: flipped(original, &generator), file: "f")
    }
  }

  private func flipped(_ original: Data, _ generator: inout SeededGenerator) -> Data {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      bytes[place] = UInt8(truncatingIfNeeded: generator.next())
    }
    return bytes
  }

  private func archive() throws -> Data {
    try NPZ.bytes([
      "x": Tensor(shape: [3, 4], (0..<12).map { Float($0) }), "y": Tensor(shape: [3], [0, 1, 2] as [Int64]),
    ])
  }

  @Test("every prefix of an npz is an error")
  func truncatedArchive() throws {
    let bytes = try archive()
    for count in 0..<bytes.count {
      #expect(throws: FormatError.self) { try NPZ.read(bytes: bytes.prefix(count), file: "f") }
    }
  }

  @Test("flipped bytes of an npz are refused or change nothing but names")
  func flippedArchive() throws {
    var generator = SeededGenerator(seed: 1)
    let original = try archive()
    let arrays = try NPZ.read(bytes: original, file: "f")
    for _ in 0..<3000 {
      guard let read = try? NPZ.read(bytes: flipped(original, &generator), file: "f") else { continue }
      // The checksum covers every array.
      for tensor in read.values { #expect(arrays.values.contains { same($0, tensor) }) }
    }
  }

  @Test("flipped and cut npy, idx and csv are read or refused")
  func otherFormats() throws {
    var generator = SeededGenerator(seed: 2)
    let npy = try NPY.bytes(Tensor(shape: [3, 4], (0..<12).map { Float($0) }))
    let idx = Data([0, 0, 0x0B, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 1, 0, 2, 0, 3, 0, 4])
    let csv = Data("a,b,label\n1,2,0\n3.5,-4e2,1\n".utf8)
    for _ in 0..<2000 {
      _ = try? NPY.read(bytes: flipped(npy, &generator), file: "f")
      _ = try? IDX.read(bytes: flipped(idx, &generator), file: "f")
      _ = try? CSV.read(bytes: flipped(csv, &generator), file: "f")
    }
    for count in 0..<npy.count {
      #expect(throws: FormatError.self) { try NPY.read(bytes: npy.prefix(count), file: "f") }
    }
    for count in 0..<idx.count {
      #expect(throws: FormatError.self) { try IDX.read(bytes: idx.prefix(count), file: "f") }
    }
  }
}
