import Foundation
import ModelFormats
import Testing

@Suite("Names of files that are no text")
struct PathBytesTests {
  @Test("text stays as it is, and other bytes are characters of their own")
  func bytes() {
    #expect(PathBytes.path(Array("modèle.onnx".utf8)) == "modèle.onnx")
    let odd = PathBytes.path([0x61, 0xFF, 0xC3, 0x2E])
    #expect(odd.unicodeScalars.map(\.value) == [0x61, 0xF7FF, 0xF7C3, 0x2E])
    // A name that has such a character already is another name.
    #expect(PathBytes.path(Array("\u{F7FF}".utf8)) != PathBytes.path([0xFF]))
  }

  @Test("a model in a file and a folder of such names is found, written and listed")
  func files() throws {
    let folder = NSTemporaryDirectory() + "paretop-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = PathBytes.path(Array("\(folder)/m".utf8) + [0xFF] + Array(".onnx".utf8))
    try AtomicFile.write(Data("x".utf8), to: path)
    #expect(try ModelFolder.resolve(path).model == path)
    #expect(try ModelFolder.resolve(folder).model == path)
    #expect(throws: FormatError.self) { try ONNXReader.read(path: path) }
  }
}
