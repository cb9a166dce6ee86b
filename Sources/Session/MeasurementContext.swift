import Evaluation
import Foundation
import GraphIR

/// What a measurement depends on besides its recipe. Where all of it is the same, an earlier measurement still holds: the
/// model, the data it is judged and calibrated on, the output, the machine with its threads, and the build of the program.
package struct MeasurementContext: Hashable, Sendable {
  /// 64 hexadecimal digits.
  package let digest: String

  /// - Parameter judgement: identity of the data and of what is read of the answers.
  package init(subject: SessionSubject, judgement: ContentIdentity, program: String) {
    digest =
      ContentIdentity(ofParts: [subject.model.digest, judgement.digest, subject.machine, program]).digest
  }
}

extension OpenedModel {
  /// What measurements of this experiment are kept under; nil where the program's build is not known.
  package func context(of experiment: Experiment, for subject: SessionSubject) -> MeasurementContext? {
    ProgramIdentity.current.map {
      MeasurementContext(
        subject: subject, judgement: judgement(by: experiment, of: subject), program: $0)
    }
  }
}

/// Which build of the program runs: another one may run other kernels.
enum ProgramIdentity {
  /// Size and time of change of the executable; nil where they cannot be read.
  static let current: String? = {
    var status = stat()
    guard stat("/proc/self/exe", &status) == 0 else { return nil }
    return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }()
}
