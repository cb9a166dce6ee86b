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

/// A session with its history, ready to be taken up again.
package struct StoredSession: Hashable, Sendable, Identifiable {
  package let id: Int64
  package let subject: SessionSubject
  package let created: Date
  package var history: History
  /// The former names that its recipes use.
  package var renamings = Renamings()
}
