import Foundation

/// Where the files that came with the program are: beside the sources it was built from, or in the system's data folder.
enum Installation {
  /// - Throws: `VerbError.noSample` where there is none.
  static func defaultSample() throws -> String {
    let folders = sampleFolders
    for folder in folders {
      let sample = folder + "/glyphs-lenet"
      if FileManager.default.fileExists(atPath: sample + "/model.onnx") { return sample }
    }
    throw VerbError.noSample(folders)
  }

  static var sampleFolders: [String] {
    let named = ProcessInfo.processInfo.environment["PARETOP_SAMPLES"].map { [$0] } ?? []
    return named + roots.map { $0 + "/sample-models" }
  }

  static var themeFolders: [String] { roots.map { $0 + "/themes" } }

  /// Folders above the executable (a checkout's .build/release lies three below its root), then the system's.
  private static var roots: [String] {
    let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    var above: [String] = []
    var folder = executable.deletingLastPathComponent()
    for _ in 0..<4 {
      above.append(folder.path)
      folder = folder.deletingLastPathComponent()
    }
    return above + ["/usr/local/share/paretop", "/usr/share/paretop"]
  }
}
