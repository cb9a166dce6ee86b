import Evaluation
import Foundation
import GraphIR

/// What a measurement depends on besides its recipe. Where all of it is the same, an earlier measurement still holds: the
/// model, the data it is judged and calibrated on, the output, the machine with its threads, and the build of the program.
package struct MeasurementContext: Hashable, Sendable {
  /// 64 hexadecimal digits.
  package let digest: String

  package init(
    subject: SessionSubject, calibration: ContentIdentity, output: String, program: String
  ) {
    var hash = SHA256()
    for part in [
      subject.model.digest, subject.data.digest, calibration.digest, subject.machine, output, program,
    ] {
      // Lengths, so that no two lists of parts run together into the same text.
      hash.update("\(part.utf8.count) \(part)\n")
    }
    digest = hash.hexDigest()
  }
}

extension OpenedModel {
  /// What measurements of this experiment are kept under; nil where the program's build is not known.
  package func context(of experiment: Experiment, for subject: SessionSubject) -> MeasurementContext? {
    ProgramIdentity.current.map {
      MeasurementContext(
        subject: subject,
        calibration: calibration.map { ContentIdentity(of: $0) } ?? ContentIdentity(digest: "synthetic"),
        output: experiment.output, program: $0)
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
