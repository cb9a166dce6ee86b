import _Concurrency

/// Stops the work of a cancelled task. Outside the files that import GraphIR, whose `Task` is what a model is asked to do.
/// - Throws: `CancellationError`.
func checkCancellation() throws { try Task.checkCancellation() }
