import GraphIR
import TensorCore

extension ExportDraft {
  /// The operator set that the file is of.
  package var opset: Int { stored.model.graph.opset }

  /// What a person should know before relying on the file, each a sentence.
  package var remarks: [String] {
    var remarks: [String] = []
    if let originalBytes, bytes > originalBytes {
      remarks.append(
        "The file will be larger than the original: \(bytes) bytes instead of \(originalBytes). ONNX has no storage "
          + "for sparse weights that runtimes read, and none below 4 bits.")
    } else if bytes > storedBytes + storedBytes / 4 + ExportDraft.structureBytes(stored.model.graph) {
      remarks.append(
        "The file will have \(bytes) bytes, the weights as stored \(storedBytes): ONNX has no storage for sparse "
          + "weights that runtimes read, and none below 4 bits.")
    }
    let graph = stored.model.graph
    if graph.nodes.contains(where: { $0.kind == "DequantizeLinear" && $0.int("block_size") ?? 0 > 0 }) {
      remarks.append(
        "ONNX Runtime makes MatMulNBits of products with blocks of 4-bit codes, which round their inputs to 8 bits "
          + "unless its option session.qdq_matmulnbits_accuracy_level is set to 1.")
    }
    if graph.nodes.contains(where: { $0.kind == "QuantizeLinear" }),
      graph.nodes.contains(where: { $0.kind == "BatchNormalization" })
    {
      remarks.append(
        "Batch normalizations that stand between quantized layers keep ONNX Runtime from joining them, which makes the "
          + "model slower: fold them with --set batch-norm=folded.")
    }
    return remarks
  }

  /// About what nodes and names take beside the weights.
  private static func structureBytes(_ graph: Graph) -> Int { 256 * (graph.nodes.count + 8) }
}
