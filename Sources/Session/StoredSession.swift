import Evaluation
import Foundation
import Recipes

/// What a session is about: a model, the data it is judged on, and the machine.
package struct SessionSubject: Codable, Hashable, Sendable {
  package let model: ContentIdentity
  package let data: ContentIdentity
  /// The machine's key; times of another machine are not reused.
  package let machine: String
  /// The model file's name, for lists.
  package let modelName: String
  package let dataName: String

  package init(
    model: ContentIdentity, data: ContentIdentity, machine: String, modelName: String, dataName: String
  ) {
    self.model = model
    self.data = data
    self.machine = machine
    self.modelName = modelName
    self.dataName = dataName
  }
}

/// A session as listed.
package struct SessionSummary: Hashable, Sendable, Identifiable {
  package let id: Int64
  package let subject: SessionSubject
  package let created: Date
  package let updated: Date
  package let variantCount: Int
}

/// Every session of a store that can be read, the one last changed first.
package struct SessionListing: Hashable, Sendable {
  package let sessions: [SessionSummary]
  /// Sessions whose own row holds what is never written; they are left where they are.
  package let unreadable: Int

  /// A sentence about what cannot be read; nil where all can.
  package var notice: String? {
    switch unreadable {
    case 0: nil
    case 1: "One session cannot be read, since something else has written to its row; it stays in the store."
    default:
      "\(unreadable) sessions cannot be read, since something else has written to their rows; they stay in the store."
    }
  }
}

/// A session with its history, ready to be taken up again.
package struct StoredSession: Hashable, Sendable, Identifiable {
  package let id: Int64
  package let subject: SessionSubject
  package let created: Date
  package var history: History
  /// The former names that its recipes use.
  package var renamings = Renamings()
  /// Configurations whose rows cannot be read.
  package var unreadable = 0
  /// Whether rows contradict each other or cannot be read, so that `history` is not what is stored.
  package var isMended = false
  /// Whether another run of the program works on it.
  package var isOpenElsewhere = false

  /// What is to be known before it is taken up; nil where it simply goes on.
  package var remark: String? {
    if isOpenElsewhere { return "It is open in another window: what is taken up is a copy." }
    guard isMended else { return nil }
    let lost =
      switch unreadable {
      case 0: "Its rows contradict each other"
      case 1: "One of its configurations cannot be read"
      default: "\(unreadable) of its configurations cannot be read"
      }
    return lost + ": it stays as it is, and what is taken up is a copy of the rest."
  }
}
