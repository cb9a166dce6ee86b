import GraphIR
import Kernels

/// What a plan is made for.
package struct PlanOptions: Sendable {
  /// Value of each input's first dimension where the graph leaves it open.
  package var batch: Int
  /// Values of other named dimensions; unnamed ones become 1.
  package var dimensions: [String: Int]
  /// Feature level of the kernels; nil for the best this machine has.
  package var level: CPUFeatureLevel?
  /// Which form layers are multiplied from; fixed where a result must not depend on what is faster on a machine.
  package var forms: FormPolicy
  /// Remembers measured choices, so that a plan for the same shapes is made without measuring again.
  package var choices: KernelChoiceCache
  /// Values to keep as in the graph (float32 where they are float, ONNX layout), readable after a run.
  package var keep: Set<String>
  /// Most bytes a context may need.
  package var memoryLimit: Int
  /// Rewrites and fusions; without them each node runs as it stands, which tests compare against.
  package var fuses: Bool
  /// Threads that share the larger steps of a run; a context starts all but one and ends them with itself.
  package var threads: Int

  package init(
    batch: Int = 1, dimensions: [String: Int] = [:], level: CPUFeatureLevel? = nil,
    forms: FormPolicy = .measured, choices: KernelChoiceCache = KernelChoiceCache(),
    keep: Set<String> = [], memoryLimit: Int = 8 << 30, fuses: Bool = true, threads: Int = 1
  ) {
    self.batch = batch
    self.dimensions = dimensions
    self.level = level
    self.forms = forms
    self.choices = choices
    self.keep = keep
    self.memoryLimit = memoryLimit
    self.fuses = fuses
    self.threads = threads
  }
}

extension PlanOptions {
  /// Inputs with every dimension fixed: the first one to the batch, named ones as told, others to 1.
  func bound(_ inputs: [ValueInfo]) -> [ValueInfo] {
    var numbers = dimensions
    for input in inputs {
      if case .symbolic(let name)? = input.dimensions?.first, !name.isEmpty, numbers[name] == nil {
        numbers[name] = batch
      }
    }
    return inputs.map { input in
      var input = input
      input.dimensions = input.dimensions?.enumerated().map { axis, dimension in
        guard case .symbolic(let name) = dimension else { return dimension }
        return .fixed(numbers[name] ?? numbers["\(input.name).\(axis)"] ?? (axis == 0 ? batch : 1))
      }
      return input
    }
  }
}
