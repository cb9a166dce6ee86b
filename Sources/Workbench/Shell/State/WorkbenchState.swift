import Compression
import Evaluation
import Foundation
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

  /// When the message that is being answered came.
  package var now = Date.distantPast

  // MARK: In hand

  package var scope = Scope.model
  package var knob = Setting.prune
  /// The share of answers that may be lost, where the user has said so.
  package var budget: Double?

  // MARK: On the terminal

  package var screens: [any Screen]
  /// Index into `screens`.
  package var shownScreen = 0
  /// What lies over the screen, the uppermost last.
  package var overlays: [any Overlay] = []
  package var notice: Notice? {
    didSet { if let notice { notices.add(notice, at: now) } }
  }
  /// Every sentence that stood in the status line.
  package private(set) var notices = NoticeLog()

  // MARK: Asked of the engine

  package var activity = Activity.idle {
    didSet { if case .failed(let reason) = activity { notices.add(Notice(reason, .problem), at: now) } }
  }
  /// The number of the last measurement asked for; answers to earlier ones are dropped.
  package var request = 0
  /// The variant that is being measured.
  package var measuring: Variant.ID?
  package var sweep: Sweep?
  /// Why variants could not be measured.
  package var failures: [Variant.ID: String] = [:]
  /// What is known of what each layer alone suffers.
  package var sensitivity: [SensitivityScan.Probe: DivergenceReading] = [:]
  /// Why layers could not be probed.
  package var probeFailures: [SensitivityScan.Probe: String] = [:]
  /// Why the model cannot be worked on; the application ends with it.
  package var failure: String?

  /// - Precondition: there is a screen.
  package init(
    subject: SubjectSummary, history: History, appearance: Appearance, size: Size,
    screens: [any Screen] = Screens.all
  ) {
    precondition(!screens.isEmpty, "an application needs a screen")
    self.subject = subject
    self.history = history
    self.appearance = appearance
    self.size = size
    self.screens = screens
  }

  /// Recipes still to be measured one after the other.
  package struct Sweep: Sendable {
    /// What turns, where, and what stays beside it.
    package var subject: String
    package var remaining: [Recipe]
    package var total: Int
    package var tried: [Variant.ID] = []

    package var done: Int { total - remaining.count }
  }
}
