import Compression
import Recipes

/// Streams ever tighter measurements of recipes, one recipe at a time, on a thread of its own.
package actor Evaluator {
  package nonisolated let experiment: Experiment
  private nonisolated let executor = EngineExecutor()
  private let energyModel: EnergyModel
  private let meter: EnergyMeter?

  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// - Parameter meter: the processor's energy counter; nil where there is none or it may not be read.
  package init(
    _ experiment: Experiment, energyModel: EnergyModel = .horowitz45(), meter: EnergyMeter? = EnergyMeter()
  ) {
    self.experiment = experiment
    self.energyModel = energyModel
    self.meter = meter
  }

  /// Measurements of `recipe`: its size at once, then a first value of everything, then tighter ones until `.settled`,
  /// which is the last.
  ///
  /// Cancelling the consuming task or dropping the stream stops the work within one batch or run; a recipe asked for
  /// meanwhile waits until then. Throws what compressing, planning or running throws.
  /// - Parameter progress: told of each layer that a slow method takes up.
  package nonisolated func readings(
    of recipe: Recipe, budget: EvaluationBudget = .interactive,
    progress: CompressionProgress.Handler? = nil
  ) -> AsyncThrowingStream<Readings, any Error> {
    AsyncThrowingStream { continuation in
      let cancellation = Cancellation()
      let task = Task(priority: .userInitiated) {
        do {
          try await self.evaluate(
            recipe, budget: budget, cancellation: cancellation, progress: progress
          ) { continuation.yield($0) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in
        cancellation.cancel()
        task.cancel()
      }
    }
  }

  /// The settled measurement alone.
  /// - Throws: `CancellationError` when the task is cancelled, or what `readings` throws.
  package nonisolated func settled(
    _ recipe: Recipe, budget: EvaluationBudget = .interactive
  ) async throws -> Readings {
    for try await measurement in readings(of: recipe, budget: budget) where measurement.stage == .settled {
      return measurement
    }
    throw CancellationError()
  }

  /// How far a recipe takes the output from the original's, on calibration data. Waits while a recipe is measured, so
  /// that timing is not disturbed.
  /// - Throws: `CancellationError` when the task is cancelled, or what compressing, planning or running throws.
  package nonisolated func divergence(of recipe: Recipe) async throws -> DivergenceReading {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      try await probe(recipe, cancellation: cancellation)
    } onCancel: {
      cancellation.cancel()
    }
  }

  /// What looks wrong with the data before anything is compressed, each a sentence with the way out.
  /// - Parameters:
  ///   - promised: the accuracy that the card gives.
  ///   - isPlain: whether inputs are fed as the file has them, so that another preparation can be named by flags.
  /// - Throws: `CancellationError` when the task is cancelled, or what running throws.
  package nonisolated func dataFindings(promised: Double?, isPlain: Bool) async throws -> [String] {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      try await findings(promised, isPlain, cancellation)
    } onCancel: {
      cancellation.cancel()
    }
  }

  private func findings(_ promised: Double?, _ isPlain: Bool, _ cancellation: Cancellation) throws -> [String]
  {
    try DataCheck(
      experiment: experiment, promised: promised, isPlain: isPlain, cancellation: cancellation
    ).findings()
  }

  private func probe(_ recipe: Recipe, cancellation: Cancellation) throws -> DivergenceReading {
    try cancellation.check()
    let probe = try experiment.divergenceProbe(cancellation: cancellation)
    let graph = try experiment.compressor.compress(recipe).model.graph
    return try probe.divergence(of: graph, experiment, cancellation: cancellation)
  }

  private func evaluate(
    _ recipe: Recipe, budget: EvaluationBudget, cancellation: Cancellation,
    progress: CompressionProgress.Handler?, emit: @Sendable (Readings) -> Void
  ) throws {
    try cancellation.check()
    let compressed = try experiment.compressor.compress(recipe, progress: progress)
    emit(Trial.sizeOnly(compressed, experiment: experiment))

    try cancellation.check()
    var trial = try Trial(compressed, experiment: experiment, budget: budget, cancellation: cancellation)
    let original = try experiment.compressor.compress(.identity)
    try trial.measureLatency(for: budget.firstLatencyNanoseconds)
    try trial.measureAccuracy(for: budget.firstAccuracyNanoseconds, limit: budget.firstSamples)
    var measurement = trial.measurement(stage: .first)
    measurement.energy = try trial.energy(model: energyModel, meter: nil, original: original)
    emit(measurement)

    // Accuracy and timing take turns, so that both tighten while the person watches.
    while !(trial.accuracyIsDone && trial.latencyIsDone) {
      try trial.measureAccuracy(for: budget.updateNanoseconds / 2, limit: .max)
      if !trial.latencyIsDone { try trial.measureLatency(for: budget.updateNanoseconds / 2) }
      var next = trial.measurement(stage: .first)
      next.energy = measurement.energy
      measurement = next
      emit(measurement)
    }

    measurement = trial.measurement(stage: .settled)
    measurement.energy = try trial.energy(model: energyModel, meter: meter, original: original)
    if budget.deflates {
      let original = try experiment.originalDeflatedBytes(cancellation: cancellation)
      measurement.size.originalDeflatedBytes = original
      measurement.size.deflatedBytes =
        trial.isOriginal
        ? original : try Deflate.byteCount(of: compressed.model.graph, cancellation: cancellation)
    }
    emit(measurement)
  }
}
