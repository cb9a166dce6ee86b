import Compression
import Evaluation
import Search
import Session
import TerminalUI

/// Everything that can happen to the application.
package enum Message: Sendable {
  case key(KeyEvent)
  /// The model's data has been read, and the model can be measured.
  case opened(EvaluationData, Metric)
  /// The data does not fit, or the model cannot run: the application ends with this sentence.
  case cannotOpen(String)
  /// A slow method of the measurement with this number takes up a layer.
  case compressing(request: Int, CompressionProgress)
  /// A reading of the measurement with this number; the stream ends with a settled one.
  case reading(request: Int, Readings)
  case measurementFailed(request: Int, String)
  /// What a layer alone suffers from one knob.
  case probed(SensitivityScan.Probe, DivergenceReading)
  /// Why that cannot be found out.
  case probeFailed(SensitivityScan.Probe, String)
  case exported(String)
  case exportFailed(String)
  /// An earlier session of this model on this data is in the store.
  case sessionFound(History, age: String, remark: String? = nil)
  /// Something to know, such as that there is no calibration data.
  case notice(String)
  /// The session store has something to say, such as that it cannot write.
  case storeNotice(String)
}
