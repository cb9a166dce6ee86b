import Foundation
import GraphIR
import ModelFormats
import TensorCore
import Testing

@Suite("ONNX written and read again")
struct ONNXWriterTests {
  @Test("the bytes of a small model are these")
  func golden() throws {
    let graph = Graph(
      name: "g", inputs: [ValueInfo(name: "x", dataType: .float32, dimensions: [.symbolic("N"), .fixed(2)])],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)],
      nodes: [
        Node(name: "n", kind: "Mul", inputs: ["x", "w"], outputs: ["y"], attributes: ["a": .int(3)])
      ],
      initializers: ["w": .dense(try Tensor(shape: [1], [Float(1)]))], opsets: ["": 13])
    let model = Model(graph: graph, metadata: Model.Metadata(fileName: "", producer: "p", irVersion: 8))
    // Each field is its number and wire type in one byte (0xA0 0x01 for number 20), then its length or value.
    func field(_ tag: UInt8, _ body: [UInt8]) -> [UInt8] { [tag, UInt8(body.count)] + body }
    func field(_ tag: UInt8, _ text: String) -> [UInt8] { field(tag, Array(text.utf8)) }
    let attribute = field(0x0A, "a") + [0x18, 3, 0xA0, 0x01, 2]
    let node =
      field(0x0A, "x") + field(0x0A, "w") + field(0x12, "y") + field(0x1A, "n") + field(0x22, "Mul")
      + field(0x2A, attribute)
    let weight = field(0x0A, [1]) + [0x10, 1] + field(0x42, "w") + field(0x4A, [0, 0, 0x80, 0x3F])
    let shape = field(0x0A, field(0x12, "N")) + field(0x0A, [0x08, 2])
    let input = field(0x0A, "x") + field(0x12, field(0x0A, [0x08, 1] + field(0x12, shape)))
    let output = field(0x0A, "y") + field(0x12, field(0x0A, [0x08, 1]))
    let body =
      field(0x0A, node) + field(0x12, "g") + field(0x2A, weight) + field(0x5A, input) + field(0x62, output)
    let expected = [0x08, 8] + field(0x12, "p") + field(0x3A, body) + field(0x42, [0x10, 13])
    #expect(try Array(ONNXWriter.bytes(model)) == expected)
  }

  @Test("read(write(model)) is the model, over seeded models", arguments: 0..<60)
  func roundTrip(seed: UInt64) throws {
    var random = RandomModel(seed: seed)
    let model = try sorted(random.model())
    let bytes = try ONNXWriter.bytes(model, opset: model.graph.opset)
    #expect(difference(model, try ONNXReader.read(bytes: bytes, file: "test.onnx")) == nil)
  }

  /// The reader drops float16 constants nobody reads from widening, so only structure matters here.
  private func sorted(_ model: Model) throws -> Model {
    var model = model
    model.graph = try model.graph.sorted()
    return model
  }

  @Test("equal models are equal bytes")
  func deterministic() throws {
    for seed in 0..<10 {
      var first = RandomModel(seed: UInt64(seed))
      var second = RandomModel(seed: UInt64(seed))
      #expect(try ONNXWriter.bytes(first.model()) == ONNXWriter.bytes(second.model()))
    }
  }

  private func layer(_ weight: Weight, opset: Int = 13, input: DataType = .float32) -> Model {
    Model(
      graph: Graph(
        name: "g", inputs: [ValueInfo(name: "x", dataType: input, dimensions: [.fixed(1), .fixed(2)])],
        outputs: [ValueInfo(name: "y", dataType: input, dimensions: nil)],
        nodes: [Node(name: "n", kind: "MatMul", inputs: ["x", "w"], outputs: ["y"])],
        initializers: ["w": weight],
        opsets: ["": opset]),
      metadata: Model.Metadata(fileName: "test.onnx", irVersion: 11))
  }

  private func parsed(_ model: Model) throws -> ONNXGraphProto {
    try ONNXModelProto(serializedBytes: ONNXWriter.bytes(model, opset: model.graph.opset)).graph
  }

  @Test("quantized weights of every width come back as they were, packed or not", arguments: [13, 21])
  func quantized(opset: Int) throws {
    for bits in WeightBits.allCases {
      for axis in [nil, 0, 1] {
        let channels = axis == nil ? 1 : [2, 3][axis ?? 0]
        let range = bits.codeRange
        let weight = try QuantizedTensor(
          shape: [2, 3], bits: bits, axis: axis, scales: (0..<channels).map { Float($0) + 0.5 },
          zeroPoints: (0..<channels).map { _ in Int32(range.upperBound) },
          codes: [range.lowerBound, 0, range.upperBound, 1, -1, 0].map { Int8($0) })
        let model = layer(.quantized(weight), opset: opset)
        let graph = try parsed(model)
        let isPacked = graph.initializer.contains { $0.dataType == 22 }
        #expect(isPacked == (opset >= 21 && ![.int8, .int6, .int5].contains(bits)))
        #expect(graph.node.map(\.opType) == ["DequantizeLinear", "MatMul"])
        let again = try ONNXReader.read(bytes: ONNXWriter.bytes(model, opset: opset), file: "test.onnx")
        #expect(difference(model, again) == nil)
      }
    }
  }

  @Test("codes of 4 bits raise an old operator set to the first that packs them, unless another is asked for")
  func packedByDefault() throws {
    let weight = try QuantizedTensor(
      shape: [2, 3], bits: .int4, axis: 0, scales: [1, 2], zeroPoints: [], codes: [1, 2, 3, 4, 5, 6])
    let model = layer(.quantized(weight), opset: 9)
    func written(_ opset: Int?) throws -> (opset: Int, types: [DataType]) {
      let stored = try StoredModel(model, opset: opset)
      return (
        stored.model.graph.opset,
        stored.model.graph.initializers.values.map(\.dataType).filter { !$0.isFloatingPoint }
      )
    }
    #expect(try written(nil) == (21, [.int4, .int4]))
    #expect(try written(13) == (13, [.int8, .int8]))
    #expect(throws: FormatError.opsetNotWritten(wanted: 24, written: 13...21)) {
      try StoredModel(model, opset: 24)
    }
    #expect(throws: FormatError.opsetTooLow(wanted: 7, needed: 9)) { try StoredModel(model, opset: 7) }
  }

  @Test("what cannot be raised to the set with 4-bit types is written with codes of 8 bits")
  func notRaised() throws {
    let weight = try QuantizedTensor(
      shape: [2, 3], bits: .int4, axis: nil, scales: [1], zeroPoints: [], codes: [1, 2, 3, 4, 5, 6])
    var model = layer(.quantized(weight), opset: 12)
    model.graph.nodes.append(
      Node(
        name: "r", kind: "Resize", inputs: ["x", "roi", "s"], outputs: ["z"],
        attributes: ["coordinate_transformation_mode": .string("tf_half_pixel_for_nn")]))
    model.graph.initializers["s"] = .dense(try Tensor(shape: [2], [Float(1), 2]))
    model.graph.initializers["roi"] = .dense(try Tensor(shape: [0], [Float]()))
    let stored = try StoredModel(model)
    #expect(stored.model.graph.opset == 12)
    #expect(throws: FormatError.self) { try StoredModel(model, opset: 21) }
  }

  @Test("who should read a file says what is packed, and what is left out of it")
  func formats() throws {
    let weight = try QuantizedTensor(
      shape: [2, 3], bits: .int4, axis: 0, scales: [1, 2], zeroPoints: [], codes: [1, 2, 3, 4, 5, 6])
    let coded = layer(.quantized(weight), opset: 9)
    #expect(try StoredModel(coded, format: .portable).model.graph.opset == 13)
    #expect(try StoredModel(coded, format: .onnxRuntime).model.graph.opset == 21)
    var values = [Float](repeating: 0, count: 1000)
    for index in stride(from: 7, to: 1000, by: 40) { values[index] = Float(index) }
    values[3] = -0.0
    let pruned = layer(.dense(try Tensor(shape: [20, 50], values)))
    func written(_ format: ExportFormat) throws -> (bytes: Int, weight: [Float]?) {
      let bytes = try ONNXWriter.bytes(pruned, format: format)
      let again = try ONNXReader.read(bytes: bytes, file: "test.onnx")
      return (bytes.count, again.graph.initializers["w"]?.tensor.floats)
    }
    for format in ExportFormat.allCases {
      let found = try written(format)
      #expect(found.weight?.map(\.bitPattern) == values.map(\.bitPattern))
      #expect((found.bytes < 1000) == (format == .onnxRuntime))
    }
  }

  @Test(
    "for ONNX Runtime a product with groups is its own, with inputs that stay floats",
    arguments: [false, true])
  func runtimeProducts(isGemm: Bool) throws {
    let (depth, outputs) = (40, 3)
    let weight = try QuantizedTensor(
      shape: isGemm ? [outputs, depth] : [depth, outputs], bits: .int4, axis: isGemm ? 0 : 1, groupSize: 16,
      scales: (1...9).map { Float($0) }, zeroPoints: [0, 1, -8, 7, 0, 0, 2, 3, 4],
      codes: (0..<120).map { Int8($0 % 16 - 8) })
    var model = layer(.quantized(weight))
    model.graph.inputs[0].dimensions = [.fixed(1), .fixed(depth)]
    if isGemm {
      model.graph.nodes[0] = Node(
        name: "n", kind: "Gemm", inputs: ["x", "w", "b"], outputs: ["y"], attributes: ["transB": .int(1)])
      model.graph.initializers["b"] = .dense(
        try Tensor(shape: [outputs], [Float](repeating: 1, count: outputs)))
    }
    let stored = try StoredModel(model, format: .onnxRuntime).model.graph
    let node = stored.nodes[0]
    #expect(stored.nodes.count == 1 && node.kind == OperatorKind("MatMulNBits", domain: "com.microsoft"))
    #expect(stored.opset == 13 && stored.opsets["com.microsoft"] == 1)
    #expect(node.int("accuracy_level") == 1 && node.inputs.count == (isGemm ? 6 : 4))
    // Its values are those of the weight, turned where the product turns it.
    let codes = try #require(node.input(1).flatMap { stored.initializers[$0] }?.tensor)
    let zeros = try #require(node.input(3).flatMap { stored.initializers[$0] }?.tensor)
    #expect(codes.shape.dimensions == [outputs, 3, 8] && zeros.count == outputs * 2)
    let values = weight.dequantized().floats
    for output in 0..<outputs {
      for place in 0..<depth {
        let (block, within) = (place / 16, place % 16)
        let code = Int(codes.bytes[(output * 3 + block) * 8 + within / 2]) >> (within % 2 * 4) & 15
        let zero = Int(zeros.bytes[output * 2 + block / 2]) >> (block % 2 * 4) & 15
        let value = Float(code - zero) * weight.scales[output * 3 + block]
        #expect(value == values[isGemm ? output * depth + place : place * outputs + output])
      }
    }
  }

  @Test("groups are blocks from operator set 21 on: one node, no padding, no zero points where none are")
  func blocks() throws {
    let weight = try QuantizedTensor(
      shape: [3, 40], bits: .int4, axis: 0, groupSize: 16, scales: (1...9).map { Float($0) }, zeroPoints: [],
      codes: (0..<120).map { Int8($0 % 15 - 7) })
    let model = layer(.quantized(weight), opset: 21)
    let graph = try parsed(model)
    #expect(graph.node.map(\.opType) == ["DequantizeLinear", "MatMul"])
    #expect(graph.node[0].input.count == 2)
    #expect(graph.initializer.map(\.dims) == [[3, 40], [3, 3]] && graph.initializer[0].rawData.count == 60)
    // Another reader, which knows nothing of notes, finds the same weight.
    var plain = graph
    plain.initializer[0].docString = ""
    var proto = Proto.model(nodes: [])
    proto.opsetImport[0].version = 21
    proto.graph = plain
    guard case .quantized(let found)? = try Proto.read(proto).graph.initializers["w"] else {
      Issue.record("the blocks were not read as a quantized weight")
      return
    }
    #expect(found == weight)
  }

  @Test("grouped scales and float codes come back as they were", arguments: [7, 13, 17, 21])
  func groupedAndFloat(opset: Int) throws {
    var random = SeededGenerator(seed: UInt64(opset))
    for format in CodeFormat.allCases {
      for (dimensions, axis, size) in [
        ([5, 70], 0, 32), ([70, 5], 1, 32), ([4, 3, 3, 3], 0, 8), ([64, 2], 1, 32), ([3, 7], 0, nil),
        ([7, 3], 1, nil), ([6], nil, nil), ([2, 5], nil, 4),
      ] as [([Int], Int?, Int?)] {
        if format == .integer && size == nil { continue }
        let bits = format.bits ?? [.int8, .int4, .int3].randomElement(using: &random)!
        let shape = Shape(known: dimensions)
        let count = try QuantizedTensor.scaleCount(of: shape, axis: axis, groupSize: size)
        let levels = format.levels
        let codes = bits.codeRange.filter { code in
          levels.isEmpty || levels[code - bits.codeRange.lowerBound].isFinite
        }
        let isAsymmetric = format == .integer && random.next() % 2 == 0
        let weight = try QuantizedTensor(
          shape: shape, bits: bits, axis: axis, groupSize: size, format: format,
          scales: (0..<count).map { Float($0) + 0.5 },
          zeroPoints: isAsymmetric
            ? (0..<count).map { _ in Int32(bits.codeRange.randomElement(using: &random)!) } : [],
          codes: (0..<shape.count).map { _ in Int8(codes.randomElement(using: &random)!) })
        let model = Model(
          graph: Graph(
            name: "g", inputs: [], outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)],
            nodes: [Node(name: "n", kind: "Identity", inputs: ["w"], outputs: ["y"])],
            initializers: ["w": .quantized(weight)], opsets: ["": opset]),
          metadata: Model.Metadata(fileName: "test.onnx"))
        let bytes = try ONNXWriter.bytes(model, opset: max(13, opset))
        let again = try ONNXReader.read(bytes: bytes, file: "test.onnx")
        guard case .quantized(let found)? = again.graph.initializers["w"] else {
          Issue.record("\(format) \(dimensions) came back as \(again.graph.text)")
          continue
        }
        // Zero points of zeros everywhere say the same as none.
        let isSame = found == weight || weight.zeroPoints.allSatisfy { $0 == 0 }
        #expect(isSame, "\(format) \(dimensions) \(axis as Int?) \(size as Int?)")
        #expect(again.graph.nodes.count == 1 && again.graph.initializers.count == 1)
      }
    }
  }

  @Test("a float16 weight among float32 values is cast, one among float16 values is not")
  func float16() throws {
    let weight = Weight.dense(try Tensor(shape: [2], [Float16(1), 2]))
    let wide = layer(weight)
    #expect(try parsed(wide).node.map(\.opType) == ["Cast", "MatMul"])
    #expect(difference(wide, try ONNXReader.read(bytes: ONNXWriter.bytes(wide), file: "test.onnx")) == nil)
    #expect(try parsed(layer(weight, input: .float16)).node.map(\.opType) == ["MatMul"])
  }

  @Test("a Cast that is the model's own stays a node")
  func ownCast() throws {
    let stored = Proto.tensor("h", 10, [1]) { $0.int32Data = [0x3C00] }
    let nodes = [
      Proto.node("Cast", ["h"], ["w"], [Proto.int("to", 1)]), Proto.node("Mul", ["x", "w"], ["y"]),
    ]
    #expect(try Proto.read(Proto.model(nodes: nodes, initializers: [stored])).graph.nodes.count == 2)
  }

  @Test("a weight per channel raises an old operator set to 13, one per tensor to no more than it needs")
  func opsetRaised() throws {
    let codes: [Int8] = [1, 2]
    let perAxis = try QuantizedTensor(
      shape: [1, 2], bits: .int8, axis: 1, scales: [1, 2], zeroPoints: [], codes: codes)
    let perTensor = try QuantizedTensor(
      shape: [1, 2], bits: .int8, axis: nil, scales: [1], zeroPoints: [], codes: codes)
    func opset(_ weight: QuantizedTensor, _ opset: Int) throws -> Int {
      let bytes = try ONNXWriter.bytes(layer(.quantized(weight), opset: opset))
      return try ONNXReader.read(bytes: bytes, file: "test.onnx").graph.opset
    }
    #expect(try opset(perAxis, 9) == 13)
    #expect(try opset(perAxis, 17) == 17)
    #expect(try opset(perTensor, 9) == 13)
    #expect(try opset(perTensor, 11) == 11)
  }

  @Test("written files replace the old one whole, and nothing is left behind")
  func atomic() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("m.onnx", Data([1]))
    let model = layer(.dense(try Tensor(shape: [1], [Float(1)])))
    try ONNXWriter.write(model, to: path)
    #expect(difference(model, try ONNXReader.read(path: path)) == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["m.onnx"])
  }
}

@Suite("Models too large for one file")
struct LargeModelTests {
  /// Two layers whose first weight is quantized by channel, one with grouped scales, a constant in a branch, and a small one.
  private static func model() throws -> Model {
    func dense(_ rows: Int, _ columns: Int) throws -> Tensor {
      try Tensor(
        shape: Shape([rows, columns]), (0..<rows * columns).map { Float($0 % 97) / 8 - 6 })
    }
    let codes = (0..<64 * 32).map { Int8($0 % 15 - 7) }
    let quantized = try QuantizedTensor(
      shape: [64, 32], bits: .int8, axis: 1, scales: (1...32).map { Float($0) / 32 }, zeroPoints: [],
      codes: codes)
    let grouped = try QuantizedTensor(
      shape: [64, 32], bits: .int4, axis: 1, groupSize: 16,
      scales: (1...128).map { Float($0) / 128 }, zeroPoints: [], codes: codes)
    func branch(_ name: String, _ seed: Int) throws -> Graph {
      Graph(
        name: name, inputs: [], outputs: [ValueInfo(name: name + "_y", dataType: .float32, dimensions: nil)],
        nodes: [Node(name: name, kind: "MatMul", inputs: ["h2", name + "_w"], outputs: [name + "_y"])],
        initializers: [name + "_w": .dense(try dense(32, 16 + seed))], opsets: ["": 17])
    }
    let graph = Graph(
      name: "g",
      inputs: [
        ValueInfo(name: "x", dataType: .float32, dimensions: [.symbolic("n"), .fixed(64)]),
        ValueInfo(name: "c", dataType: .bool, dimensions: []),
      ],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)],
      nodes: [
        Node(name: "a", kind: "MatMul", inputs: ["x", "w1"], outputs: ["h0"]),
        Node(name: "b", kind: "MatMul", inputs: ["x", "w2"], outputs: ["h1"]),
        Node(name: "s", kind: "Add", inputs: ["h0", "h1"], outputs: ["h3"]),
        Node(name: "t", kind: "Add", inputs: ["h3", "bias"], outputs: ["h2"]),
        Node(
          name: "if", kind: "If", inputs: ["c"], outputs: ["y"],
          attributes: [
            "then_branch": .graph(try branch("then", 0)), "else_branch": .graph(try branch("else", 1)),
          ]),
      ],
      initializers: [
        "w1": .quantized(quantized), "w2": .quantized(grouped),
        "bias": .dense(try Tensor(shape: [32], (0..<32).map { Float($0) })),
      ], opsets: ["": 17])
    return Model(
      graph: try graph.sorted(), metadata: Model.Metadata(fileName: "m.onnx", producer: "p", irVersion: 8))
  }

  @Test("tensors go to a second file, and come back the same")
  func twoFiles() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/m.onnx"
    let model = try Self.model()
    let written = try ONNXWriter.write(model, to: path, opset: 17, limit: 6000)
    #expect(written.files == [path, path + ".data"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["m.onnx", "m.onnx.data"])
    func size(_ file: String) throws -> Int { try Data(contentsOf: URL(fileURLWithPath: file)).count }
    #expect(try size(path) <= 6000 && size(path) + size(path + ".data") == written.bytes)
    #expect(difference(model, try ONNXReader.read(path: path)) == nil)
    // Every stored tensor of a kilobyte or more lies on a page of its own, inside the file.
    let proto = try ONNXModelProto(serializedBytes: Data(contentsOf: URL(fileURLWithPath: path)))
    let branches = proto.graph.node.flatMap(\.attribute).filter(\.hasG).flatMap(\.g.initializer)
    let moved = (proto.graph.initializer + branches).filter { $0.dataLocation == .external }
    #expect(moved.count == 4)
    var places: Set<Int> = []
    for tensor in moved {
      let entries = Dictionary(uniqueKeysWithValues: tensor.externalData.map { ($0.key, $0.value) })
      let offset = try #require(entries["offset"].flatMap { Int($0) })
      let length = try #require(entries["length"].flatMap { Int($0) })
      #expect(entries["location"] == "m.onnx.data" && offset % 4096 == 0 && length >= 1024)
      #expect(offset + length <= (try size(path + ".data")) && places.insert(offset).inserted)
    }
  }

  @Test("what fits stays in one file")
  func oneFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/m.onnx"
    let written = try ONNXWriter.write(Self.model(), to: path)
    #expect(written.files == [path])
    #expect(written.bytes == (try Data(contentsOf: URL(fileURLWithPath: path)).count))
  }

  @Test("where even the rest is too large, nothing is written and what stood there stays")
  func tooLarge() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("m.onnx", Data([1]))
    guard case .tooLarge? = formatError({ _ = try ONNXWriter.write(Self.model(), to: path, limit: 100) })
    else {
      Issue.record("a model larger than the limit was written")
      return
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["m.onnx"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1]))
    guard
      case .tooLarge? = formatError({ _ = try ONNXWriter.write(Self.model(), to: "/dev/null", limit: 100) })
    else {
      Issue.record("a second file was put beside a device")
      return
    }
  }
}

@Suite("Files that cannot be written end in a sentence")
struct AtomicFileTests {
  @Test func fullDisk() {
    #expect(formatError { try AtomicFile.write(Data([1]), to: "/dev/full") } == .diskFull(file: "/dev/full"))
  }

  @Test func missingFolder() {
    guard
      case .unwritable(file: "/nonexistent/a", _)? = formatError({
        try AtomicFile.write(Data(), to: "/nonexistent/a")
      })
    else {
      Issue.record("a missing folder passed")
      return
    }
  }

  @Test func folderOfThatName() {
    guard case .unwritable(file: "/tmp", _)? = formatError({ try AtomicFile.write(Data(), to: "/tmp") })
    else {
      Issue.record("a folder was replaced")
      return
    }
  }

  @Test func deviceIsWrittenTo() throws {
    try AtomicFile.write(Data([1]), to: "/dev/null")
    #expect(FileManager.default.fileExists(atPath: "/dev/null"))
  }
}
