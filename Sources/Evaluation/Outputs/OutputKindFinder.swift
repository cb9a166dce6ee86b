import GraphIR
import TensorCore

/// Tells what an output means from its name, its shape, and what ends the graph.
package struct OutputKindFinder {
  let graph: Graph
  /// Spatial sizes of the largest picture among the inputs; empty where none is one.
  let picture: [Int]

  package init(_ graph: Graph, inputs: [(name: String, type: TensorType)]) {
    self.graph = graph
    picture =
      inputs.map(\.type.shape.dimensions).filter { $0.count >= 4 }
      .max { $0.reduce(1, *) < $1.reduce(1, *) } ?? []
  }

  /// - Parameters:
  ///   - layout: how samples lie in the output.
  package func kind(of output: String, _ type: TensorType, _ layout: OutputLayout) -> OutputKind {
    guard type.dataType.isFloatingPoint else { return .numbers }
    let ending = OutputEnding(output, rank: type.shape.rank, in: graph)
    let sample = layout.sample
    let size = layout.size
    if size < 2 { return .values }
    let named = name(output)
    if let kind = probabilities(ending, type, layout) { return kind }
    if named == .embedding, sample.count <= 2 { return .embedding }
    if let kind = normalized(ending, sample) { return kind }
    if sample.count >= 3, ending.node?.kind != "Concat" { return picture(ending, layout) }
    if sample.filter({ $0 > 1 }).count == 1 || sample.count <= 1 { return vector(ending, size, sample) }
    let products: Set<OperatorKind> = [
      "MatMul", "Gemm", "Add", "FusedMatMul", "MatMulInteger", "MatMulNBits",
    ]
    if sample.count == 2, sample[1] > 1, let kind = ending.node?.kind,
      products.contains(kind) || named == .classes
    {
      return .positions(axis: 1)
    }
    return .values
  }

  private enum Word { case embedding, classes }

  /// What an exporter's name for the output says.
  private func name(_ output: String) -> Word? {
    let name = output.lowercased()
    if ["embed", "hidden_state", "pooler", "feature"].contains(where: name.contains) { return .embedding }
    if ["logit", "prob", "class"].contains(where: name.contains) { return .classes }
    return nil
  }

  /// What ends in a softmax or a sigmoid.
  private func probabilities(
    _ ending: OutputEnding, _ type: TensorType, _ layout: OutputLayout
  ) -> OutputKind? {
    guard let node = ending.node else { return nil }
    let sample = layout.sample
    switch node.kind {
    case "Softmax", "LogSoftmax":
      let rank = type.shape.rank
      let stated = node.int("axis") ?? (graph.opset(of: node) >= 13 ? -1 : 1)
      let axis = ending.axis(stated < 0 ? stated + rank : stated) ?? rank - 1
      let inSample = layout.axis.map { axis > $0 ? axis - 1 : axis } ?? axis
      guard sample.indices.contains(inSample), sample[inSample] > 1 else { return nil }
      if sample[inSample] == layout.size { return .classes }
      return sample.count >= 3 ? .mask(axis: inSample) : .positions(axis: inSample)
    case "Sigmoid", "HardSigmoid":
      return sample.filter { $0 > 1 }.count == 1 ? .flags(threshold: 0.5) : nil
    case "Div" where isSoftmax(node, ending):
      if sample.last == layout.size { return .classes }
      return sample.count == 2 ? .positions(axis: 1) : nil
    default: return nil
    }
  }

  /// A softmax along the last axis that is written out: exponentials over their sum, which may be widened again.
  private func isSoftmax(_ node: Node, _ ending: OutputEnding) -> Bool {
    guard let exponentials = ending.producer(of: node.input(0)), exponentials.kind == "Exp" else {
      return false
    }
    var sum = ending.producer(of: node.input(1))
    while let current = sum, ["Reshape", "Expand", "Unsqueeze"].contains(current.kind) {
      sum = ending.producer(of: current.input(0))
    }
    return sum?.kind == "ReduceSum" && sum?.input(0) == node.input(0)
  }

  /// What ends in a normalization of vectors, in a mean, or in a pooled state.
  private func normalized(_ ending: OutputEnding, _ sample: [Int]) -> OutputKind? {
    guard let node = ending.node, sample.count <= 2, let width = sample.last, width >= 8 else { return nil }
    switch node.kind {
    case "LayerNormalization", "SkipLayerNormalization", "RMSNormalization", "LpNormalization",
      "SimplifiedLayerNormalization", "SkipSimplifiedLayerNormalization":
      return .embedding
    // x / |x|, (x - mean) / deviation, or a sum over a count.
    case "Div": return ending.isConstant(node.input(1)) ? nil : .embedding
    case "Add": return isShift(node, ending) ? .embedding : nil
    case "BatchNormalization": return sample.count == 1 ? .embedding : nil
    case "Tanh": return sample.count == 1 && width >= 64 ? .embedding : nil
    default: return nil
    }
  }

  /// The end of a layer normalization that is written out: (d * scale) + shift, d a quotient.
  private func isShift(_ node: Node, _ ending: OutputEnding) -> Bool {
    guard let scaled = ending.producer(of: ending.varying(node)), scaled.kind == "Mul" else { return false }
    return ending.producer(of: ending.varying(scaled))?.kind == "Div"
  }

  private func vector(_ ending: OutputEnding, _ size: Int, _ sample: [Int]) -> OutputKind {
    guard let node = ending.node else { return .classes }
    switch node.kind {
    case "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "AveragePool":
      // Straight behind a convolution stand the scores of classes; behind anything else features.
      var before = ending.producer(of: node.input(0))
      while let current = before, current.kind == "Relu" || current.kind == "Identity" {
        before = ending.producer(of: current.input(0))
      }
      return before?.kind == "Conv" ? .classes : .embedding
    case "Tanh", "Conv", "ConvTranspose", "LSTM", "GRU", "RNN": return .values
    default: break
    }
    // Features behind a rectifier are no scores.
    if ending.activations.contains("Relu") { return size >= 8 ? .embedding : .values }
    return sample.count >= 2 && sample.last == 1 ? .values : .classes
  }

  /// A picture or volume: one of one or three channels is an image, others of much the input's size a mask.
  private func picture(_ ending: OutputEnding, _ layout: OutputLayout) -> OutputKind {
    let sample = layout.sample
    let convolutions: Set<OperatorKind> = [
      "Conv", "ConvTranspose", "Add", "MatMul", "Gemm", "BatchNormalization",
    ]
    guard let node = ending.node, convolutions.contains(node.kind) else { return .values }
    let isDense = node.kind == "MatMul" || node.kind == "Gemm"
    let channels = isDense ? layout.rank - 1 : 1
    let place = ending.axis(channels) ?? channels
    let axis = layout.axis.map { place > $0 ? place - 1 : place } ?? place
    guard sample.indices.contains(axis) else { return .values }
    let count = sample[axis]
    var spatial = sample
    spatial.remove(at: axis)
    let large = picture.sorted().suffix(spatial.count).reduce(1, *)
    // A quarter of each side, or made larger on purpose.
    let isFine = ending.isResized || spatial.reduce(1, *) * (1 << (2 * spatial.count)) >= large
    guard count == 2 || count >= 4, count <= 512, isFine, ending.activations.isEmpty else { return .values }
    return .mask(axis: axis)
  }
}
