import Compression
import Evaluation
import Foundation
import Recipes
import Search
import Session
import Synchronization
import TerminalUI

/// The engine behind the real workbench: an evaluator, the session store and the exporter.
package final class LiveEngine: WorkbenchEngine {
  private typealias Post = @Sendable (Message) -> Void

  private let loading: Task<Ready, any Error>
  private let exportFolder: String
  /// Of which recipe it was last told that its file is larger than it seems.
  private let told = Mutex<Recipe?>(nil)
  private let measuring = Mutex<Task<Void, Never>?>(nil)
  /// The export asked for last; it waits for those before it, so that two never choose one name.
  private let exporting = Mutex<Task<Void, Never>?>(nil)
  private let journal: AsyncStream<Entry>.Continuation
  private let writing: Task<Void, Never>
  private let recall = Recall()

  /// The model with its data, planned.
  private struct Ready: Sendable {
    let opened: OpenedModel
    let evaluator: Evaluator
  }

  /// What the journal writes, in the order in which it was asked for.
  private enum Entry: Sendable {
    case find(Post)
    case takeUp
    case save(History, Post)
  }

  /// Begins to read the model's data and to plan it, posting `.opened` or `.cannotOpen`; what is asked for meanwhile waits.
  /// - Parameter path: where sessions are kept; nil for memory only.
  package init(
    request: OpenRequest, model: ReadModel, options: Experiment.Options, sessions path: String?,
    exportFolder: String,
    post: @escaping @Sendable (Message) -> Void
  ) {
    self.exportFolder = exportFolder
    let loading = Task { try LiveEngine.load(request, model, options, post) }
    self.loading = loading
    Task {
      guard let ready = try? await loading.value else { return }
      for finding in (try? await ready.opened.findings(ready.evaluator)) ?? [] { post(.notice(finding)) }
    }
    let (entries, journal) = AsyncStream<Entry>.makeStream()
    self.journal = journal
    writing = Task { [recall] in
      guard let ready = try? await loading.value else { return }
      let store = SessionStore(path: path)
      let experiment = ready.evaluator.experiment
      var journal = SessionJournal(store: store, opened: ready.opened, machine: experiment.machine)
      if path != nil, let context = ready.opened.context(of: experiment, for: journal.identified()) {
        recall.begin(with: store, context)
      }
      for await entry in entries {
        switch entry {
        case .find(let post): await journal.find(post)
        case .takeUp: await journal.takeUp()
        case .save(let history, let post): await journal.save(history, post)
        }
      }
      await store.close(at: Date())
    }
  }

  private static func load(
    _ request: OpenRequest, _ model: ReadModel, _ options: Experiment.Options, _ post: Post
  ) throws -> Ready {
    do {
      let opened = try OpenedModel(request, model: model)
      let experiment = try opened.experiment(options)
      post(.opened(experiment.data, experiment.metric))
      for notice in opened.notices + experiment.notices { post(.notice(notice)) }
      return Ready(opened: opened, evaluator: Evaluator(experiment))
    } catch {
      post(.cannotOpen("\(error)"))
      throw error
    }
  }

  /// Looks for an earlier session of this model, posting `.sessionFound` where there is one.
  package func findSession(post: @escaping @Sendable (Message) -> Void) { journal.yield(.find(post)) }

  package func measure(
    _ recipe: Recipe, request: Int, again: Bool, post: @escaping @Sendable (Message) -> Void
  ) {
    let (loading, recall) = (loading, recall)
    replaceMeasuring(
      with: Task {
        // A model that cannot be opened has been told of already.
        guard let evaluator = try? await loading.value.evaluator else { return }
        do {
          let known = again ? nil : await recall.readings(of: recipe)
          try Task.checkCancellation()
          if let known { return post(.reading(request: request, known)) }
          let readings = evaluator.readings(of: recipe) { post(.compressing(request: request, $0)) }
          for try await measurement in readings {
            if measurement.stage == .settled { await recall.remember(measurement, of: recipe) }
            post(.reading(request: request, measurement))
          }
        } catch is CancellationError {
          return
        } catch {
          if !Task.isCancelled { post(.measurementFailed(request: request, "\(error)")) }
        }
      })
  }

  package func stopMeasuring() { replaceMeasuring(with: nil) }

  package func probe(
    _ probes: [SensitivityScan.Probe], post: @escaping @Sendable (Message) -> Void
  ) {
    let loading = loading
    replaceMeasuring(
      with: Task {
        guard let evaluator = try? await loading.value.evaluator else { return }
        let scan = SensitivityScan(probes: probes) { try await evaluator.divergence(of: $0) }
        for await result in scan.results() {
          switch result.outcome {
          case .success(let reading): post(.probed(result.probe, reading))
          case .failure(let error): post(.probeFailed(result.probe, "\(error)"))
          }
        }
      })
  }

  package func takeUpSession() { journal.yield(.takeUp) }

  package func save(_ history: History, post: @escaping @Sendable (Message) -> Void) {
    journal.yield(.save(history, post))
  }

  package func export(_ recipe: Recipe, post: @escaping @Sendable (Message) -> Void) {
    let (loading, folder) = (loading, exportFolder)
    replaceExporting { [self] earlier in
      await earlier?.value
      guard let ready = try? await loading.value else { return }
      do {
        let path = Exporter.freePath(in: folder, name: ready.opened.name, recipe: recipe)
        let draft = try ExportDraft(
          ready.evaluator.experiment.compressor.compress(recipe), inputs: ready.opened.openInputs,
          originalBytes: ready.opened.fileBytes)
        // A file that disappoints is written only by who knows it: once told of it, and asked for again.
        if let remark = draft.sizeRemark, isNews(of: recipe) {
          return post(.notice(remark + " Export once more to write it."))
        }
        let result = try Exporter.write(draft, to: path)
        let bytes = NumberFormat.bytes
        post(
          .exported(
            "Exported \(result.modelPath), \(bytes.text(result.bytes)) (as stored \(bytes.text(draft.storedBytes)), "
              + "zipped \(bytes.text(result.deflatedBytes))), operator set \(draft.opset), and its recipe"
              + draft.runtimeRemarks.map { ". " + $0 }.joined()))
      } catch {
        post(.exportFailed("\(error)"))
      }
    }
  }

  /// Whether a recipe is not the one that was told of last; it is from now on.
  private func isNews(of recipe: Recipe) -> Bool {
    told.withLock { told in
      defer { told = recipe }
      return told != recipe
    }
  }

  /// Stops measuring and waits until everything asked for is written, exports too.
  package func close() async {
    stopMeasuring()
    journal.finish()
    await writing.value
    await exporting.withLock(\.self)?.value
  }

  private func replaceExporting(
    with export: @escaping @Sendable (_ earlier: Task<Void, Never>?) async -> Void
  ) {
    exporting.withLock { current in
      let earlier = current
      current = Task { await export(earlier) }
    }
  }

  private func replaceMeasuring(with task: Task<Void, Never>?) {
    measuring.withLock { current in
      current?.cancel()
      current = task
    }
  }
}
