extension Metric {
  package static let pixelAgreement = Metric(
    key: "pixel-agreement", label: "pixels that agree",
    meaning:
      "Mean share of a mask's pixels whose class is the original's, or the label; mIoU stands beside it.",
    references: [.labels, .original]
  ) { output in
    let grid = output.grid()
    guard grid.classes > 1, grid.positions.count > 1 else {
      throw output.misfit("pixel-agreement", "scores of at least two classes for each pixel")
    }
    let union = Aside.intersectionOverUnion(classes: grid.classes)
    if output.reference == .labels { return try Judge.labels(output, grid, asides: [union]) }
    return Judge(
      width: grid.positions.count, rule: .share { Judge.same($0, $1) }, asides: [union], grid: grid
    ) {
      grid.appendClasses(of: $0, to: &$1)
    }
  }
}
