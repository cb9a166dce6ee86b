import GraphIR
import ModelFormats

/// What a person asks to open: a model, and data where it is not what lies beside the model.
package struct OpenRequest: Sendable, Hashable {
  /// A model file, or a folder that holds one.
  package var path: String
  /// Evaluation data; empty for what lies beside the model.
  package var data: [String]
  /// Calibration data; empty for what lies beside the model.
  package var calibration: [String]
  /// Replaces the card's preprocessing.
  package var preprocessing: Preprocessing?
  /// Replaces the card's task.
  package var task: ModelTask?

  /// Numbers for dimensions that the model's inputs leave open, by name.
  package var dimensions: [String: Int]
  /// Where inputs have their samples; nil to find it.
  package var batchAxes: SampleAxes.Request?
  /// How the data's pictures lie, where it is not as the model takes them.
  package var layout: DataLayout?

  package init(
    path: String, data: [String] = [], calibration: [String] = [], preprocessing: Preprocessing? = nil,
    task: ModelTask? = nil, dimensions: [String: Int] = [:], batchAxes: SampleAxes.Request? = nil,
    layout: DataLayout? = nil
  ) {
    self.path = path
    self.data = data
    self.calibration = calibration
    self.preprocessing = preprocessing
    self.task = task
    self.dimensions = dimensions
    self.batchAxes = batchAxes
    self.layout = layout
  }
}
