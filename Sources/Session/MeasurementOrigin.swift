import Evaluation
import GraphIR

/// What a row of measurements was made of and on: only where all of it is the same does the row stand for a measurement
/// that is asked for now.
package struct MeasurementOrigin: Codable, Hashable, Sendable {
  /// Digest of the model's nodes and weights, 16 hexadecimal digits.
  package let model: String
  /// Digest of the data it was judged and calibrated on, as the model gets them, and of the output that was read, 16
  /// hexadecimal digits.
  package let data: String
  /// The processor, the instruction set and the threads in use.
  package let machine: String
  /// The program's version.
  package let version: String

  package init(model: String, data: String, machine: String, version: String) {
    self.model = model
    self.data = data
    self.machine = machine
    self.version = version
  }
}

extension OpenedModel {
  /// Reads every weight: about 5 ms per megabyte.
  package func origin(of experiment: Experiment, version: String) -> MeasurementOrigin {
    let subject = subject(on: experiment.machine)
    return MeasurementOrigin(
      model: String(subject.model.digest.prefix(16)),
      data: String(judgement(by: experiment, of: subject).digest.prefix(16)), machine: subject.machine,
      version: version)
  }

  /// Identity of everything that an accuracy depends on besides the model and its recipe.
  func judgement(by experiment: Experiment, of subject: SessionSubject) -> ContentIdentity {
    ContentIdentity(ofParts: [
      subject.data.digest, calibration.map { ContentIdentity(of: $0).digest } ?? "synthetic",
      experiment.output, experiment.metric.key, axes.text,
    ])
  }
}
