import GraphIR
import TensorCore

extension ExportDraft {
  /// The operator set that the file is of.
  package var opset: Int { stored.model.graph.opset }

  /// What a person should know before the file is written, where it is larger than the original or than what is stored.
  package var sizeRemark: String? {
    if let originalBytes, bytes > originalBytes + originalBytes / 100 {
      return "The file will be larger than the original: \(bytes) bytes instead of \(originalBytes). "
        + storage
    }
    guard bytes > storedBytes + storedBytes / 4 + ExportDraft.structureBytes(stored.model.graph) else {
      return nil
    }
    return "The file will have \(bytes) bytes, the weights as stored \(storedBytes). " + storage
  }

  /// What a person should know who runs the file, each a sentence.
  package var runtimeRemarks: [String] {
    let graph = stored.model.graph
    var remarks: [String] = []
    if makesNarrowProducts(graph) {
      remarks.append(
        "ONNX Runtime makes MatMulNBits of products with blocks of 4-bit codes, which round their inputs to 8 bits "
          + "unless its option session.qdq_matmulnbits_accuracy_level is set to 1, or --format is onnxruntime."
      )
    }
    if hasNormsBehindCodes(graph) {
      remarks.append(
        "Batch normalizations behind quantized layers keep ONNX Runtime from joining them, which makes the model slower: "
          + "fold them with --set batch-norm=folded.")
    }
    if graph.opset >= 23, graph.nodes.contains(where: { $0.kind == "QuantizeLinear" }) {
      remarks.append(
        "ONNX Runtime up to 1.23 has no QuantizeLinear of operator set 23: export the original with operator set 22 or less "
          + "for it.")
    }
    if (graph.inputs + graph.outputs).contains(where: \.dataType.isHalf) {
      remarks.append(
        "The file computes in float32 between its 16-bit inputs and outputs, with weights stored in 16 bits: what runtimes "
          + "on processors do with 16-bit models anyway.")
    }
    return remarks
  }

  /// Whether a MatMul reads blocks of 4-bit codes along its inner axis.
  private func makesNarrowProducts(_ graph: Graph) -> Bool {
    let products = Set(graph.nodes.filter { $0.kind == "MatMul" }.compactMap { $0.input(1) })
    return graph.nodes.contains { node in
      node.kind == "DequantizeLinear" && node.int("block_size") ?? 0 >= 16 && node.int("axis") == 0
        && node.input(0).flatMap { graph.initializers[$0]?.dataType.storedBits } == 4
        && node.outputs.contains(where: products.contains)
    }
  }

  /// Whether a batch normalization reads a layer whose activations are quantized.
  private func hasNormsBehindCodes(_ graph: Graph) -> Bool {
    let producers = graph.producers
    func maker(_ value: String?) -> Node? { value.flatMap { producers[$0] }.map { graph.nodes[$0] } }
    return graph.nodes.contains { node in
      guard node.kind == "BatchNormalization", let layer = maker(node.input(0)),
        let codes = maker(layer.input(0)), codes.kind == "DequantizeLinear"
      else { return false }
      return maker(codes.input(0))?.kind == "QuantizeLinear"
    }
  }

  /// Why a file is larger than what is stored.
  private var storage: String {
    switch stored.format {
    case .portable: "Every runtime reads 8-bit codes and all zeros; with --format standard codes are packed."
    case .standard:
      "Zeros are written like other weights, and codes of less than 4 bits as 4; with --format onnxruntime weights that "
        + "are mostly zeros are not."
    case .onnxRuntime: "Codes of less than 4 bits are written as 4, and zeros among codes like other codes."
    }
  }

  /// About what nodes and names take beside the weights.
  private static func structureBytes(_ graph: Graph) -> Int { 256 * (graph.nodes.count + 8) }
}
