import ArgumentParser
import Evaluation
import Foundation
import Kernels
import Session
import TerminalUI

struct DoctorVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what was found on this machine and what is used.")

  @Flag(help: "List every slot of the kernel list, and the kernel that serves it here, too.")
  var kernels = false

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let level = try CPUFeatureLevel.selected(environment: environment)
    let machine = MachineDescription.current(
      level: level, threads: ProcessInfo.processInfo.activeProcessorCount)
    let themes = ThemeLibrary.load(directories: ThemeLibrary.searchPath(shipped: Installation.themeFolders))
    var rows = [
      ("processor", machine.processor),
      (
        "kernels",
        "\(level) in use; this machine has \(CPUFeatureLevel.available.map(\.name).joined(separator: ", "))"
      ),
      ("threads", "\(machine.threads) for accuracy, 1 for latency; \(machine.cores) cores"),
      ("memory", "\(Int((Double(machine.memoryBytes) / 0x1p30).rounded())) GiB"),
      (
        "energy",
        EnergyMeter() == nil
          ? "no meter that may be read: energy is estimated" : "RAPL meter: energy is measured"
      ),
      ("terminal", terminal(environment)),
      ("themes", themes.themes.map(\.name).joined(separator: ", ")),
    ]
    rows += themes.errors.map { ("", $0.description) }
    rows += await sessions(environment)
    rows.append(
      (
        "samples",
        (try? Installation.defaultSample()).map { ($0 as NSString).deletingLastPathComponent }
          ?? "none found; set PARETOP_SAMPLES"
      ))
    try Output.print(rows.map { $0.0.fitted(to: 11) + $0.1 }.joined(separator: "\n"))
    let forms = KernelTable.for(level).forms
    let width = 2 + (forms.map(\.formLabel.count).max() ?? 0)
    try Output.print("\n" + "storage form".fitted(to: width) + "kernel")
    for kernel in forms {
      try Output.print(kernel.formLabel.fitted(to: width) + (kernel.code.map { "\($0)" } ?? ""))
    }
    if kernels { try listKernels(level) }
  }

  private func listKernels(_ level: CPUFeatureLevel) throws {
    let table = KernelTable.for(level)
    try Output.print("\nslot                kernel")
    for slot in KernelDescription.slots {
      try Output.print(slot.fitted(to: 20) + (table.kernel(in: slot)?.name ?? "none at this level"))
    }
    try Output.print("and \(VectorTable.names.count) vector kernels, one for each level")
  }

  private func terminal(_ environment: [String: String]) -> String {
    let name = environment["TERM"] ?? "TERM is not set"
    guard isatty(STDOUT_FILENO) == 1 else { return "\(name); output is not a terminal" }
    guard let driver = try? NcursesTerminal(theme: .plain) else {
      return "\(name); cannot show the workbench"
    }
    let found = driver.capabilities
    driver.restore()
    return "\(found.name), \(found.depth), \(found.isUnicode ? "UTF-8" : "ASCII only")"
  }

  private func sessions(_ environment: [String: String]) async -> [(String, String)] {
    guard let path = StatePaths.database(environment: environment) else {
      return [("sessions", "in memory only: neither XDG_STATE_HOME nor HOME is set")]
    }
    guard FileManager.default.fileExists(atPath: path) else { return [("sessions", "\(path), not made yet")] }
    let store = SessionStore(path: path)
    let count = await store.sessions().count
    let notice = await store.takeNotice()
    return [("sessions", notice ?? "\(path), \(count) kept")]
  }
}
