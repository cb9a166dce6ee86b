import GraphIR

/// Brings a model's layers to the few forms that compression knows, whatever the exporter wrote. What the model
/// computes stays the same.
package enum LayerForms {
  package static func normalized(_ graph: Graph) throws -> Graph {
    var builder = GraphBuilder(SinglePrecision.widened(LayerNames.given(graph)))
    try PassList.forms.apply(to: &builder)
    return try builder.finished()
  }
}

extension PassList {
  /// What is done to a model once, when it is opened.
  package static let forms = PassList(
    name: "forms",
    passes: [
      HoistedConstants(), UnreadShapes(), QuantizedConstants(), ExpandFusedLayers(), FoldWeights(),
      FusePads(), PackedAttention(),
      RuntimeProducts(), QuantizedOperators(), PackedMatMul(), PackedTables(), EinsumProducts(),
      LeftProducts(),
      MatrixViews(),
    ])
}
