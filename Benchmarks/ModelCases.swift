import Compression
import Evaluation
import Execution
import Foundation
import GraphIR
import Kernels
import Recipes
import Session
import TensorCore

/// Float32, or 8-bit weights (one scale per output) and activations, from the model's own calibration data.
enum ModelForm: String, CaseIterable {
  case float32 = "fp32"
  case integer = "int8"

  /// What its weight layers are measured against.
  var bound: KernelCase.Bound { self == .integer ? .integers : .floats }
}

/// One sample model, ready to be planned.
struct ModelCases {
  let folder: String
  let name: String
  private let opened: OpenedModel
  private let integer: Graph
  private let level: CPUFeatureLevel
  private let choices = KernelChoiceCache()

  init(folder: String, level: CPUFeatureLevel) throws {
    self.folder = folder
    self.level = level
    opened = try OpenedModel(OpenRequest(path: folder))
    name = opened.name
    let experiment = try opened.experiment(Experiment.Options(level: level, threads: 1))
    var recipe = Recipe.identity
    recipe.model.weightBits = .quantized(.int8)
    recipe.model.activationBits = .int8
    integer = try experiment.compressor.compress(recipe).model.graph
  }

  func subject(_ form: ModelForm, batch: Int, threads: Int) throws -> ModelSubject {
    let graph = form == .integer ? integer : opened.model.graph
    let plan = try ExecutionPlan(
      graph: graph, options: PlanOptions(batch: batch, level: level, choices: choices, threads: threads))
    let context = plan.makeContext()
    for input in plan.inputs {
      guard let data = opened.evaluation?.inputs[input.name] else { continue }
      let rows = (0..<batch).map { $0 % data.shape[0] }
      try context.setInput(input.name, data.gathered(rows))
    }
    return ModelSubject(plan: plan, context: context)
  }
}

/// A plan with its memory, inputs set.
struct ModelSubject {
  let plan: ExecutionPlan
  let context: ExecutionContext

  /// The median seconds of a run, over runs for about `duration`.
  func seconds(for duration: Double, byProcessorTime: Bool) throws -> Double {
    try RunClock.seconds(for: duration, byProcessorTime: byProcessorTime) { try plan.run(in: context) }
  }
}

/// Times runs of a whole model.
enum RunClock {
  /// The median seconds of a run, over runs for about `duration`.
  static func seconds(for duration: Double, byProcessorTime: Bool, _ run: () throws -> Void) rethrows
    -> Double
  {
    let clock = byProcessorTime ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC
    func now() -> Double {
      var time = timespec()
      clock_gettime(clock, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let start = now()
    // Readings of at least 20 us each, so that the clock does not count.
    var repeats = 0
    repeat {
      try run()
      repeats += 1
    } while now() - start < 2e-5
    var times: [Double] = []
    var last = now()
    let end = last + duration
    repeat {
      for _ in 0..<repeats { try run() }
      let time = now()
      times.append((time - last) / Double(repeats))
      last = time
    } while last < end || times.count < 3
    return Statistics.median(times) ?? 0
  }
}
