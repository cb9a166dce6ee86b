import ArgumentParser
import Foundation
import ModelFormats

/// The command: without a verb it opens the workbench.
@main
struct Paretop: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "paretop",
    abstract: "A terminal workbench for compute-efficient AI.",
    discussion: """
      Load a trained ONNX model, turn pruning, bits and rank, and see at once what it buys and what it costs. \
      Without a verb the workbench opens; the other verbs ask the same engine without a screen.
      """,
    version: version,
    subcommands: [
      OpenVerb.self, InspectVerb.self, EvalVerb.self, SweepVerb.self, ExportVerb.self, RunVerb.self,
      InteractionsVerb.self, SensitivityVerb.self, MethodsVerb.self, SessionsVerb.self,
      DoctorVerb.self,
    ],
    defaultSubcommand: OpenVerb.self)

  static func main() async {
    // A reader that goes away, such as head, is an error to be reported by write, not a signal that kills.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot(arguments)
      if var verb = command as? any AsyncParsableCommand {
        try await verb.run()
      } else {
        try command.run()
      }
    } catch {
      fail(error)
    }
  }

  /// Names of files may have bytes that are no text.
  private static var arguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { argument in
        PathBytes.path(UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
      }
    }
  }

  /// Usage errors as the parser words them; all others as one sentence, with exit code 1.
  private static func fail(_ error: any Error) -> Never {
    let code = exitCode(for: error)
    if code != .failure || error is ExitCode || error is ValidationError { exit(withError: error) }
    Output.note("paretop: \(describe(error))")
    exit(withError: code)
  }

  private static func describe(_ error: any Error) -> String {
    error is CancellationError ? "stopped" : "\(error)"
  }
}
