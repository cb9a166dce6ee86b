import GraphIR
import Session
import TensorCore
import Testing

@Suite struct SHA256Tests {
  /// Vectors of FIPS 180-4's examples (NIST, csrc.nist.gov, Cryptographic Standards and Guidelines, Example Values).
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func knownDigests(text: String, digest: String) {
    var hash = SHA256()
    hash.update(text)
    let found = hash.hexDigest()
    #expect(found == digest)
  }

  @Test func aMillionLettersInUnevenPieces() {
    var hash = SHA256()
    var left = 1_000_000
    var piece = 1
    while left > 0 {
      let count = min(piece, left)
      hash.update(String(repeating: "a", count: count))
      left -= count
      piece = piece * 3 % 997 + 1
    }
    let found = hash.hexDigest()
    #expect(found == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test(arguments: 54...66) func everyPaddingLengthIsItsOwn(count: Int) {
    var whole = SHA256()
    whole.update(String(repeating: "x", count: count))
    var parts = SHA256()
    for _ in 0..<count { parts.update("x") }
    let (first, second) = (whole.hexDigest(), parts.hexDigest())
    #expect(first == second)
  }
}

@Suite struct ContentIdentityTests {
  private func model(weight: Float, file: String = "a.onnx") throws -> Model {
    let graph = Graph(
      name: "g", inputs: [ValueInfo(name: "x", dataType: .float32, dimensions: [.symbolic("n"), .fixed(2)])],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)],
      nodes: [Node(name: "fc", kind: "MatMul", inputs: ["x", "w"], outputs: ["y"])],
      initializers: ["w": .dense(try Tensor(shape: [2, 1], [weight, 2]))], opsets: ["": 17])
    return Model(graph: graph, metadata: Model.Metadata(fileName: file))
  }

  @Test func dependsOnTheWeightsAndNotOnTheFileName() throws {
    let first = ContentIdentity(of: try model(weight: 1))
    #expect(first == ContentIdentity(of: try model(weight: 1, file: "b.onnx")))
    #expect(first != ContentIdentity(of: try model(weight: 1.0000001)))
    #expect(first.digest.count == 64)
  }

  @Test func dataDependsOnSplitTaskAndSamples() throws {
    func data(_ split: Dataset.Split, _ last: Float, count: Int = 4) throws -> ContentIdentity {
      var values = [Float](repeating: 0, count: count)
      values[count - 1] = last
      return ContentIdentity(
        of: Dataset(
          name: "d", split: split, task: .fidelity,
          inputs: ["x": try Tensor(shape: Shape([count, 1]), values)], targets: nil))
    }
    #expect(try data(.evaluation, 1) == data(.evaluation, 1))
    #expect(try data(.evaluation, 1) != data(.calibration, 1))
    #expect(try data(.evaluation, 1) != data(.evaluation, 2))
    // Large arrays are sampled; the last block is always among the samples.
    #expect(try data(.evaluation, 1, count: 1_000_000) != data(.evaluation, 2, count: 1_000_000))
  }
}
