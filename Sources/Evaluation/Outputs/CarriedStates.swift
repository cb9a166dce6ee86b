import GraphIR

/// States that a model hands from one step to the next: inputs, and the outputs of the same type that take their place.
///
/// Known by names such as `state` and `stateN`, `h0` and `hn`, `c_in` and `c_out`.
package struct CarriedStates: Sendable, Hashable {
  /// The output that follows each such input.
  package let outputs: [String: String]

  package init(_ graph: Graph) {
    var outputs: [String: String] = [:]
    // One input at least is what is answered to.
    guard graph.inputs.count > 1 else {
      self.outputs = [:]
      return
    }
    for input in graph.inputs where input.dataType.isFloatingPoint {
      guard let dimensions = input.dimensions, !dimensions.isEmpty else { continue }
      let word = CarriedStates.word(input.name)
      let output = graph.outputs.first {
        $0.dataType == input.dataType && !outputs.values.contains($0.name)
          && ($0.dimensions.map { CarriedStates.fits($0, dimensions) } ?? true)
          && CarriedStates.word($0.name) == word && !word.isEmpty
      }
      outputs[input.name] = output?.name
    }
    // Where every input were a state, nothing would be asked.
    self.outputs = outputs.count < graph.inputs.count ? outputs : [:]
  }

  package static let none = CarriedStates(outputs: [:])

  private init(outputs: [String: String]) { self.outputs = outputs }

  package var isEmpty: Bool { outputs.isEmpty }

  private static func fits(_ output: [Dimension], _ input: [Dimension]) -> Bool {
    output.count == input.count
      && zip(output, input).allSatisfy { output, input in
        if case .fixed(let one) = output, case .fixed(let other) = input { one == other } else { true }
      }
  }

  /// A name without what tells before from after.
  private static func word(_ name: String) -> String {
    let ends: Set<Substring> = [
      "in", "out", "input", "output", "n", "new", "next", "prev", "old", "init", "0", "1", "t",
    ]
    let parts = name.lowercased().split { !$0.isLetter && !$0.isNumber }.filter { !ends.contains($0) }
    guard var last = parts.last else { return name.lowercased().first.map { String($0) } ?? "" }
    // hn and h0, stateN, hOut.
    for end in ["out", "in", "n", "0"] where last.count > end.count && last.hasSuffix(end) {
      last = last.dropLast(end.count)
      break
    }
    return (parts.dropLast() + [last]).joined(separator: "_")
  }
}
