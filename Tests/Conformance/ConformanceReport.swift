import GraphIR

/// What the results say, for the screen and for docs/onnx.md.
struct ConformanceReport {
  let results: [CaseResult]

  init(_ results: [CaseResult]) { self.results = results }

  private struct Count {
    var passed = 0
    var failed = 0
    var unsupported = 0
    var planned = 0
    var total: Int { passed + failed + unsupported }
    var share: String {
      total == 0 ? "-" : "\((Double(passed) / Double(total) * 1000).rounded() / 10) %"
    }

    mutating func add(_ result: CaseResult) {
      switch result.outcome {
      case .passed: passed += 1
      case .failed: failed += 1
      case .unsupported: unsupported += 1
      }
      if result.isPlanned { planned += 1 }
    }
  }

  /// Training, classical machine learning and pictures' formats are no part of what paretop is for.
  private static func isOutside(_ result: CaseResult) -> Bool {
    result.folder.name.hasPrefix("test_ai_onnx_ml") || result.folder.name.contains("image_decoder")
      || result.kinds.contains { $0.domain.contains("training") || $0.domain == "ai.onnx.ml" }
      || ["test_adagrad", "test_adam", "test_momentum", "test_nesterov"].contains {
        result.folder.name.hasPrefix($0)
      }
  }

  private var counts: [(name: String, count: Count)] {
    var counts: [String: Count] = [:]
    for result in results {
      counts[result.folder.kind, default: Count()].add(result)
      if result.folder.kind == "node", !Self.isOutside(result) {
        counts["node, without training, ai.onnx.ml and image decoding", default: Count()].add(result)
      }
    }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The operator that a case is about: its only one, or that of the case it expands.
  private func subject(_ result: CaseResult, _ byName: [String: CaseResult]) -> String {
    let kinds = result.kinds.subtracting(["Constant"])
    if let only = kinds.first, kinds.count == 1 { return only.description }
    if let range = result.folder.name.ranges(of: "_expanded").last {
      let base = String(result.folder.name[..<range.lowerBound])
      if let found = byName[base] { return subject(found, [:]) }
    }
    return kinds.isEmpty ? (result.kinds.isEmpty ? "(not read)" : "Constant") : "(several)"
  }

  var summary: String {
    counts.map { name, count in
      "\(name): \(count.passed) of \(count.total) passed (\(count.share)), \(count.failed) failed, "
        + "\(count.unsupported) unsupported, \(count.planned) by a plan too"
    }.joined(separator: "\n")
  }

  /// The page that tells which operators are supported and how well.
  var page: String {
    let byName = Dictionary(results.map { ($0.folder.name, $0) }) { first, _ in first }
    var rows: [String: (count: Count, strictness: Set<String>)] = [:]
    for result in results where result.folder.kind == "node" {
      let name = subject(result, byName)
      rows[name, default: (Count(), [])].count.add(result)
      if !result.kinds.isEmpty { rows[name]?.strictness.insert(Strictness(result.kinds).words) }
    }
    var lines = [
      "# ONNX operators", "",
      "Written by `Scripts/conformance`, which runs the ONNX project's own backend tests (the `onnx` package of",
      "`Scripts/peer/requirements.txt`) through the engine: node by node, and by an execution plan wherever one can",
      "be made ahead. A case passes when every output agrees with the expected one: integers, Booleans, texts and",
      "everything that moves, compares or chooses exactly, other floating point within the tolerance that ONNX's own",
      "runner uses (1e-3 relative, 1e-7 absolute, unless the case says otherwise; 2^-6 relative for bfloat16), NaN",
      "where NaN is expected. What is random agrees in type and shape.", "",
      "| Cases | Passed | Failed | Unsupported | Of these planned | Share |",
      "| --- | --: | --: | --: | --: | --: |",
    ]
    for (name, count) in counts {
      lines.append(
        "| \(name) | \(count.passed) | \(count.failed) | \(count.unsupported) | \(count.planned) | \(count.share) |"
      )
    }
    lines += [
      "", "## By operator", "", "Node cases; those of an operator's expansion into others count with it.", "",
      "| Operator | Passed | Failed | Unsupported | Must agree |", "| --- | --: | --: | --: | --- |",
    ]
    for (name, row) in rows.sorted(by: { $0.key < $1.key }) {
      lines.append(
        "| \(name) | \(row.count.passed) | \(row.count.failed) | \(row.count.unsupported) "
          + "| \(row.strictness.sorted().joined(separator: ", ")) |")
    }
    lines += ["", "## Cases that do not pass", ""]
    let broken = results.filter { !$0.outcome.isPassed }
    lines += broken.isEmpty ? ["None."] : broken.map { "- `\($0.id)`: \(Self.reason($0.outcome))" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A reason without the machine's paths in it.
  private static func reason(_ outcome: CaseResult.Outcome) -> String {
    let text =
      switch outcome {
      case .passed: ""
      case .failed(let reason): "failed: " + reason
      case .unsupported(let reason): "unsupported: " + reason
      }
    return text.split(separator: " ").map { word in
      word.contains("/") && word.contains("model.onnx")
        ? "model.onnx" + (word.hasSuffix(":") ? ":" : "") : word
    }.joined(separator: " ")
  }
}
