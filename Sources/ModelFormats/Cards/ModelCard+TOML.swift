import GraphIR

extension ModelCard {
  /// - Parameter file: what to call the card in messages.
  package init(text: String, file: String) throws {
    let card = try CardTable(text: text, file: file)
    let task = try card.table("task")
    let input = try card.table("input")
    let data = try card.table("data")
    let metrics = try card.table("metrics")

    let name = try card.string("name") ?? ""
    self.name = name
    title = try card.string("title") ?? name
    description = try card.string("description") ?? ""
    license = try card.string("license") ?? ""
    self.task = try ModelCard.task(task, sequence: card.table("sequence"))
    metric = try card.string("metric") ?? task.string("metric")
    self.input = try Input(
      name: input.string("name"), layout: input.string("layout"),
      preprocessing: Preprocessing(
        scale: input.number("scale") ?? 1, mean: input.numbers("mean") ?? [], std: input.numbers("std") ?? [])
    )
    // Its name alone, or a table with it.
    output = try (try? card.string("output")) ?? card.table("output").string("name")
    self.data = try Data(calibration: data.string("calibration"), evaluation: data.string("evaluation"))
    training = try card.table("training").texts()
    self.metrics = try Metrics(
      evaluationAccuracy: metrics.number("evaluation_accuracy").map { Double($0) },
      evaluationSamples: metrics.integer("evaluation_samples"), parameters: metrics.integer("parameters"))
  }

  private static func task(_ task: CardTable, sequence: CardTable) throws -> ModelTask {
    switch try task.string(
      "kind", among: ["classification", "multi-label", "positions", "regression", "sequence"])
    {
    case "classification":
      return .classification(classes: try task.strings("classes") ?? [])
    case "sequence":
      return .sequence(
        answerStart: try sequence.required("answer_start", sequence.integer("answer_start"), atLeast: 0),
        answerLength: try sequence.required("answer_length", sequence.integer("answer_length"), atLeast: 1))
    case "multi-label":
      return .multiLabel
    case "positions":
      return .positions
    case "regression":
      return .regression
    default:
      return .fidelity
    }
  }
}
