import Foundation

/// Where the built program and the sample models are, and folders that tests may write in.
enum Sandbox {
  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func sample(_ name: String) -> String { root.appending(path: "sample-models/\(name)").path }

  /// The executable built beside the tests.
  static func binary() throws -> String {
    let folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    let candidates = [
      ProcessInfo.processInfo.environment["PARETOP_BINARY"], folder.appending(path: "paretop").path,
      root.appending(path: ".build/release/paretop").path, root.appending(path: ".build/debug/paretop").path,
    ].compactMap(\.self)
    guard let found = candidates.first(where: FileManager.default.isExecutableFile) else {
      throw Missing(description: "no built paretop among \(candidates); run swift build first")
    }
    return found
  }

  /// Everything the tests write is in here, and goes when they end.
  private static let scratch: URL = {
    atexit { try? FileManager.default.removeItem(at: Sandbox.scratch) }
    return FileManager.default.temporaryDirectory.appending(path: "paretop-tests-\(getpid())")
  }()

  static func makeFolder() throws -> URL {
    let folder = scratch.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  struct Output {
    let status: Int32
    let text: String
    let errors: String
  }

  /// Runs a command to its end. Its output goes through files, so that a full pipe cannot stop it.
  static func output(
    _ command: String, _ arguments: [String], environment: [String: String] = [:], folder: URL? = nil
  ) throws -> Output {
    let scratch = try makeFolder()
    defer { try? FileManager.default.removeItem(at: scratch) }
    let files = ["out", "err"].map { scratch.appending(path: $0) }
    for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    return Output(
      status: process.terminationStatus, text: try String(contentsOf: files[0], encoding: .utf8),
      errors: try String(contentsOf: files[1], encoding: .utf8))
  }

  /// Runs paretop with a home of its own.
  static func paretop(_ arguments: [String], environment: [String: String] = [:], home: URL? = nil) throws
    -> Output
  {
    let home = try home ?? makeFolder()
    let own = [
      "HOME": home.path, "XDG_STATE_HOME": home.path + "/state", "XDG_CONFIG_HOME": home.path + "/config",
    ]
    return try output(binary(), arguments, environment: own.merging(environment) { _, new in new })
  }
}
