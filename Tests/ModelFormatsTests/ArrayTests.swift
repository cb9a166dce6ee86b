import CZlib
import Foundation
import ModelFormats
import TensorCore
import Testing

@Suite("npy and npz")
struct ArrayTests {
  @Test("npz and npy give back every type and shape", arguments: 0..<30)
  func roundTrip(seed: UInt64) throws {
    var random = RandomModel(seed: seed)
    var arrays: [String: Tensor] = [:]
    for type in DataType.plain where type != .bfloat16 { arrays[type.rawValue] = random.tensor(type) }
    let read = try NPZ.read(bytes: NPZ.bytes(arrays), file: "f")
    #expect(read.keys.sorted() == arrays.keys.sorted())
    for (name, tensor) in arrays {
      #expect(read[name].map { same($0, tensor) } == true)
      #expect(same(try NPY.read(bytes: NPY.bytes(tensor), file: "f"), tensor))
    }
  }

  @Test("the bytes of a small npy are NumPy's")
  func golden() throws {
    let tensor = try Tensor(shape: [2], [Float(1), 2])
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
    let expected =
      Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 118, 0])
      + Data((text + String(repeating: " ", count: 117 - text.count) + "\n").utf8)
      + Data([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
    #expect(try NPY.bytes(tensor) == expected)
  }

  @Test("a large npy is read where it lies, in the file's order where that has to be turned")
  func mapped() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.npy"
    let count = 9 << 20
    let tensor = Tensor(shape: [9, 1 << 20], of: Float.self) { values in
      for index in stride(from: 0, to: count, by: 4096) { values[index] = Float(index) }
    }
    var bytes = try NPY.bytes(tensor)
    try bytes.write(to: URL(fileURLWithPath: path))
    let read = try #require(ArrayFile.read(path: path)["x"])
    #expect(read.shape == tensor.shape && read.bytes.elementsEqual(tensor.bytes))
    let word = try #require(bytes.range(of: Data("False".utf8)))
    bytes.replaceSubrange(word, with: Data("True ".utf8))
    try bytes.write(to: URL(fileURLWithPath: path))
    let turned = try #require(ArrayFile.read(path: path)["x"])
    // Element (1, 1) stands at 1 + 9 in the file, which holds 4096 at 4096 = 1 + 9 * 455: row 1, column 455.
    #expect(try turned.slice(1..<2).floats[455] == 4096)
    try bytes.prefix(bytes.count - 4).write(to: URL(fileURLWithPath: path))
    #expect(throws: FormatError.self) { try ArrayFile.read(path: path) }
  }

  @Test("texts are written as NumPy's, each as long as the longest")
  func texts() throws {
    // numpy.save of numpy.array(["low", "é"])
    let bytes = try NPY.bytes(Tensor(shape: [2], strings: ["low", "\u{e9}"]))
    #expect(bytes.count == 128 + 24 && bytes.range(of: Data("'descr': '<U3'".utf8)) != nil)
    #expect(
      Array(bytes.suffix(24)) == [
        0x6C, 0, 0, 0, 0x6F, 0, 0, 0, 0x77, 0, 0, 0, 0xE9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      ])
  }

  private func npy(_ header: String, _ data: [UInt8], version: UInt8 = 1) -> Data {
    let length = header.utf8.count
    let lengthBytes: [UInt8] =
      version == 1
      ? [UInt8(length & 255), UInt8(length >> 8)] : [UInt8(length & 255), UInt8(length >> 8), 0, 0]
    return Data([0x93] + Array("NUMPY".utf8) + [version, 0] + lengthBytes + Array(header.utf8) + data)
  }

  @Test("Fortran order is turned into C order")
  func fortran() throws {
    let bytes = npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}", [1, 4, 2, 5, 3, 6])
    #expect(try NPY.read(bytes: bytes, file: "f").integers == [1, 2, 3, 4, 5, 6])
  }

  @Test("big-endian, Python 2's longs, other quotes, versions 2 and 3, scalars")
  func variants() throws {
    #expect(
      try NPY.read(
        bytes: npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2L,)}", [0, 1, 255, 254]), file: "f"
      )
      .integers == [1, -2])
    for version in [UInt8(2), 3] {
      let bytes = npy(#"{"shape": (), "descr": "|b1", "fortran_order": False,}"#, [7], version: version)
      let tensor = try NPY.read(bytes: bytes, file: "f")
      #expect(tensor.shape == [])
      #expect(tensor.bytes.elementsEqual([1]))
    }
  }

  @Test(
    "what is not an array of numbers is refused by its type",
    arguments: ["|O", "<U3", "|S1", "<c8", "<f16", "V4"])
  func types(_ descr: String) {
    let bytes = npy("{'descr': '\(descr)', 'fortran_order': False, 'shape': (1,)}", [0])
    guard case .invalidArray(_, _, _, let found)? = formatError({ _ = try NPY.read(bytes: bytes, file: "f") })
    else {
      Issue.record("\(descr) passed")
      return
    }
    #expect(found.contains(descr))
  }

  @Test(
    "hostile headers",
    arguments: [
      "", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000,)}",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "__import__('os')",
    ])
  func headers(_ header: String) {
    #expect(throws: FormatError.self) { try NPY.read(bytes: npy(header, [0, 0, 0, 0]), file: "f") }
  }

  /// A zip with one stored or deflated entry whose declared numbers may lie.
  private func zip(
    _ content: Data, stored: Data? = nil, method: UInt16 = 0, size: UInt32? = nil, checksum: UInt32? = nil,
    flags: UInt16 = 0
  ) -> Data {
    func bytes(_ numbers: [(Int, Int)]) -> Data {
      Data(
        numbers.flatMap { value, width in (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } })
    }
    let stored = stored ?? content
    let crc = content.withUnsafeBytes {
      crc32_z(0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count)
    }
    let common = bytes([
      (20, 2), (Int(flags), 2), (Int(method), 2), (0, 4), (Int(checksum ?? UInt32(crc)), 4),
      (stored.count, 4),
      (Int(size ?? UInt32(content.count)), 4), (5, 2), (0, 2),
    ])
    let name = Data("x.npy".utf8)
    let local = bytes([(0x0403_4B50, 4)]) + common + name + stored
    let directory =
      bytes([(0x0201_4B50, 4), (20, 2)]) + common + bytes([(0, 2), (0, 2), (0, 2), (0, 4), (0, 4)]) + name
    return local + directory
      + bytes([(0x0605_4B50, 4), (0, 4), (1, 2), (1, 2), (directory.count, 4), (local.count, 4), (0, 2)])
  }

  private var one: Data { npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}", [1, 2, 3]) }

  @Test func storedEntry() throws {
    #expect(try NPZ.read(bytes: zip(one), file: "f")["x"]?.integers == [1, 2, 3])
  }

  @Test("lies in the archive are refused")
  func lies() {
    let hostile: [(String, Data)] = [
      ("checksum", zip(one, checksum: 1)), ("encrypted", zip(one, flags: 1)),
      ("method", zip(one, method: 12)),
      ("two sizes", zip(one, size: 10)), ("bomb", zip(one, method: 8, size: 4_000_000_000)),
      ("not deflate", zip(one, method: 8)), ("longer than its shape", zip(one + Data([4]))),
      ("no entries at all", Data("PK".utf8) + Data(count: 40)),
    ]
    for (what, bytes) in hostile {
      #expect(throws: FormatError.self, "\(what)") { try NPZ.read(bytes: bytes, file: "f") }
    }
  }

  @Test("an archive larger than the limit is refused before memory is taken")
  func limit() throws {
    let bytes = try NPZ.bytes(["x": Tensor(shape: [1000], [UInt8](repeating: 0, count: 1000))])
    guard case .tooLarge? = formatError({ _ = try NPZ.read(bytes: bytes, file: "f", limit: 500) }) else {
      Issue.record("the limit was passed over")
      return
    }
  }

  @Test("an npz that NumPy wrote")
  func numpy() throws {
    // np.savez_compressed(x=np.arange(6, dtype='>f8').reshape(2, 3).T, y=np.array([1, -1], 'i1')), NumPy 2.4.
    let bytes = try #require(Data(base64Encoded: numpyArchive))
    let arrays = try NPZ.read(bytes: bytes, file: "f")
    #expect(arrays["x"]?.shape == [3, 2])
    #expect(arrays["x"]?.floats == [0, 3, 1, 4, 2, 5])
    #expect(arrays["y"]?.integers == [1, -1])
  }
}

private let numpyArchive = """
  UEsDBC0AAAAIAAAAIQB/DJWi//////////8FABQAeC5ucHkBABAAsAAAAAAAAABXAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6l\
  oG6XZqGuo6Cell9UUpSYF59flJIKEg8pKk0FChdnJBakArkaxjoKRpo6CrUK5AMuBiiw/wChHaB8Bw4oLQClRSA0AFBLAwQtAAAA\
  CAAAACEAb6v0Zf//////////BQAUAHkubnB5AQAQAIIAAAAAAAAARgAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBek2morqOg\
  npZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuxv8AUEsBAi0DLQAAAAgAAAAhAH8MlaJXAAAAsAAAAAUAAAAA\
  AAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAAAAgAAAAhAG+r9GVGAAAAggAAAAUAAAAAAAAAAAAAAIABjgAAAHkubnB5UEsFBgAA\
  AAACAAIAZgAAAAsBAAAAAA==
  """
