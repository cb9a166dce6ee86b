import Compression
import Evaluation
import Recipes
import Search
import Session
import TerminalUI

/// The whole application as a value. Views draw it, `update` changes it, nothing else does.
package struct WorkbenchState: Sendable {
  package var subject: SubjectSummary
  package var history: History
  package var appearance: Appearance
  package var size: Size

  package var scope = Scope.model
  package var knob = Setting.prune
  package var panel = Panel.knobs
  /// What the chart shows accuracy against.
  package var axis = Figure.size
  /// Index into `visibleLayers`.
  package var layerCursor = 0
  package var layerFilter = ""
  /// The variant under the chart's cursor, while the chart has the focus.
  package var chartCursor: Variant.ID?
  package var overlay: OpenOverlay?
  package var activity = Activity.idle
  package var notice: Notice?

  /// The number of the last measurement asked for; answers to earlier ones are dropped.
  package var request = 0
  /// The variant that is being measured.
  package var measuring: Variant.ID?
  package var sweep: Sweep?
  /// What is known of what each layer alone suffers.
  package var sensitivity: [SensitivityScan.Probe: DivergenceReading] = [:]
  /// Why the model cannot be worked on; the application ends with it.
  package var failure: String?
  /// The saved history that the resume overlay offers.
  package var saved: History?

  package init(subject: SubjectSummary, history: History, appearance: Appearance, size: Size) {
    self.subject = subject
    self.history = history
    self.appearance = appearance
    self.size = size
  }

  /// Recipes still to be measured one after the other, and where to return afterwards.
  package struct Sweep: Sendable {
    package var remaining: [Recipe]
    package var total: Int
    package var origin: Variant.ID

    package var done: Int { total - remaining.count }
  }
}
