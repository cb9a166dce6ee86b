import Foundation
import GraphIR
import ModelFormats
import TensorCore
import Testing

@Suite("ONNX initializers, in every form they are stored")
struct ONNXInitializerTests {
  @Test("raw bytes of every type")
  func raw() throws {
    let numbers: [(Int32, DataType)] = [
      (1, .float32), (2, .uint8), (3, .int8), (4, .uint16), (5, .int16), (6, .int32), (7, .int64),
      (10, .float16),
      (11, .float64), (12, .uint32), (13, .uint64), (16, .bfloat16),
    ]
    for (number, type) in numbers {
      let bytes = Data((0..<6 * type.byteCount).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 5) })
      let tensor = try Proto.readTensor(Proto.tensor("w", number, [2, 3]) { $0.rawData = bytes })
      #expect(tensor.dataType == type)
      #expect(tensor.shape == [2, 3])
      #expect(tensor.bytes.elementsEqual(bytes))
    }
  }

  @Test("raw booleans become 0 and 1")
  func rawBool() throws {
    let tensor = try Proto.readTensor(Proto.tensor("w", 9, [3]) { $0.rawData = Data([0, 1, 255]) })
    #expect(tensor.bytes.elementsEqual([0, 1, 1]))
  }

  @Test("float_data, double_data, int64_data, uint64_data")
  func wideTyped() throws {
    let floats = try Proto.readTensor(Proto.floats("w", [2], [1.5, -2]))
    #expect(floats.floats == [1.5, -2])
    let doubles = try Proto.readTensor(Proto.tensor("w", 11, [2]) { $0.doubleData = [0.1, 2] })
    #expect(try doubles.withElements(of: Double.self) { Array($0) } == [0.1, 2])
    let longs = try Proto.readTensor(Proto.tensor("w", 7, [2]) { $0.int64Data = [.min, 7] })
    #expect(longs.integers == [.min, 7])
    let unsigned = try Proto.readTensor(Proto.tensor("w", 13, [1]) { $0.uint64Data = [.max] })
    #expect(try unsigned.withElements(of: UInt64.self) { $0[0] } == .max)
    let words = try Proto.readTensor(Proto.tensor("w", 12, [1]) { $0.uint64Data = [4_000_000_000] })
    #expect(words.integers == [4_000_000_000])
  }

  @Test("int32_data of every type that is kept there")
  func narrowTyped() throws {
    func read(_ type: Int32, _ values: [Int32]) throws -> Tensor {
      try Proto.readTensor(Proto.tensor("w", type, [Int64(values.count)]) { $0.int32Data = values })
    }
    #expect(try read(6, [-1, 5]).integers == [-1, 5])
    #expect(try read(5, [-300, 5]).integers == [-300, 5])
    #expect(try read(4, [65535, 5]).integers == [65535, 5])
    #expect(try read(3, [-128, 5]).integers == [-128, 5])
    #expect(try read(2, [255, 5]).integers == [255, 5])
    #expect(try read(9, [0, 1]).integers == [0, 1])
    #expect(try read(10, [Int32(Float16(1.5).bitPattern)]).floats == [1.5])
    #expect(try read(16, [Int32(BFloat16(-2).bitPattern)]).floats == [-2])
  }

  @Test("a value outside its type is refused")
  func narrowOverflow() {
    let error = formatError {
      _ = try Proto.readTensor(Proto.tensor("w", 3, [1]) { $0.int32Data = [128] })
    }
    #expect(error == .invalidTensor(file: "test.onnx", tensor: "w", expected: "int8 values", found: "128"))
  }

  @Test("packed int4 and uint4, raw and typed, odd counts")
  func packed() throws {
    // Low half first: -1, 7, -8 and 15, 7, 8.
    let signed = try Proto.readTensor(Proto.tensor("w", 22, [3]) { $0.rawData = Data([0x7F, 0x08]) })
    #expect(signed.dataType == .int4)
    #expect(signed.integers == [-1, 7, -8])
    let unsigned = try Proto.readTensor(Proto.tensor("w", 21, [3]) { $0.int32Data = [0x7F, 0x08] })
    #expect(unsigned.dataType == .uint4)
    #expect(unsigned.integers == [15, 7, 8])
    let pairs = try Proto.readTensor(Proto.tensor("w", 26, [5]) { $0.rawData = Data([0b11_10_01_00, 0b10]) })
    #expect(pairs.dataType == .int2)
    #expect(pairs.integers == [0, 1, -2, -1, -2])
    let halves = try Proto.readTensor(Proto.tensor("w", 23, [2]) { $0.rawData = Data([0x21]) })
    #expect(halves.floats == [0.5, 1])
  }

  @Test("texts and 8-bit floats")
  func codes() throws {
    let texts = try Proto.readTensor(
      Proto.tensor("w", 8, [2]) { $0.stringData = [Data("one".utf8), Data()] })
    #expect(texts.strings == ["one", ""])
    let raw = try Proto.readTensor(Proto.tensor("w", 17, [2]) { $0.rawData = Data([0x38, 0xB8]) })
    #expect(raw.dataType == .float8e4m3fn)
    #expect(raw.floats == [1, -1])
    #expect(try Proto.readTensor(Proto.tensor("w", 19, [1]) { $0.int32Data = [0x3C] }).floats == [1])
  }

  @Test("scalars and empty tensors")
  func degenerate() throws {
    #expect(try Proto.readTensor(Proto.floats("w", [], [3])).shape == [])
    #expect(try Proto.readTensor(Proto.floats("w", [0, 5], [])).count == 0)
  }

  @Test("external data at an offset, to the byte")
  func external() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("w.bin", Data([9, 9, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 9]))
    let stored = externalTensor(["location": "w.bin", "offset": "2", "length": "8"])
    #expect(try Proto.readTensor(stored, folder: folder.path).floats == [1, 2])
  }

  @Test("sparse initializers, by linear and by full index")
  func sparse() throws {
    for isLinear in [true, false] {
      var sparse = ONNXSparseTensorProto()
      sparse.dims = [2, 3]
      sparse.values = Proto.floats("w", [2], [5, 6])
      sparse.indices =
        isLinear
        ? Proto.tensor("", 7, [2]) { $0.int64Data = [1, 5] }
        : Proto.tensor("", 7, [2, 2]) { $0.int64Data = [0, 1, 1, 2] }
      let model = try Proto.read(Proto.model { $0.graph.sparseInitializer = [sparse] })
      #expect(model.graph.initializers["w"]?.tensor.floats == [0, 5, 0, 0, 0, 6])
      #expect(model.graph.initializers["w"]?.shape == [2, 3])
    }
  }

  @Test("an initializer that is also an input is no input")
  func inputsDropped() throws {
    let model = try Proto.read(
      Proto.model(initializers: [Proto.floats("w", [1], [1])]) {
        $0.graph.input.append(Proto.value("w", [1]))
      })
    #expect(model.graph.inputs.map(\.name) == ["x"])
  }
}

func externalTensor(_ entries: KeyValuePairs<String, String>) -> ONNXTensorProto {
  Proto.tensor("w", 1, [2]) { tensor in
    tensor.dataLocation = .external
    tensor.externalData = entries.map { key, value in
      var entry = ONNXStringStringEntryProto()
      entry.key = key
      entry.value = value
      return entry
    }
  }
}
