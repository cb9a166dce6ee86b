import GraphIR
import Operators
import TensorCore

/// A model as it will stand in a file, before a byte is written.
///
/// - A quantized weight is its codes and a `DequantizeLinear` that yields the value under the weight's name: int8, and int4
///   for widths of up to 4 bits from operator set 21 on.
/// - A weight with a scale per group, or whose codes are floats, is a chain of nodes that other runtimes fold as they load:
///   see `CodeForm`.
/// - A float16 or bfloat16 weight among float32 values is its data and a `Cast` to float32.
/// - A model of an operator set too old for what was made of it is raised to one that has it, operator by operator.
package struct StoredModel: Sendable {
  /// Its graph has plain tensors alone.
  package let model: Model
  /// What is noted on initializers, by name.
  let notes: [String: String]
  package let format: ExportFormat

  /// The operator sets that a model can be raised to on request: older ones lack scales per channel, newer ones bring nothing
  /// that is written, and operators that ONNX Runtime does not have yet.
  package static let opsets = 13...21

  /// - Parameters:
  ///   - opset: the operator set to write in; nil for the model's own, or the first that its weights and nodes need: 21
  ///     where they have codes of at most 4 bits and the format packs them.
  ///   - format: who should read the file.
  /// - Throws: `FormatError.notUpgradable` where an operator cannot be brought to that set, `.opsetTooLow` where it is older
  ///   than what the model needs, `.opsetNotWritten` where it is neither the model's nor one of `opsets`.
  package init(_ model: Model, opset: Int? = nil, format: ExportFormat = .standard) throws {
    var model = model
    if format.hasRuntimeOperators {
      model.graph = try RuntimeLookups.written(PackedProducts.written(model.graph))
    }
    guard let opset else {
      let isRaised = format.raisesForPacked && StoredModel.prefersPacked(model.graph)
      let smallest = isRaised ? WeightUnfolding.packedOpset : 0
      // What cannot be raised that far is written with codes of 8 bits.
      let packed =
        smallest > model.graph.opset
        ? try? StoredModel(model, from: OpsetUpgrade.upgraded(model.graph, to: smallest), format) : nil
      self = try packed ?? StoredModel(model, from: model.graph, format)
      return
    }
    guard opset >= model.graph.opset else {
      throw FormatError.opsetTooLow(wanted: opset, needed: model.graph.opset)
    }
    guard opset == model.graph.opset || StoredModel.opsets.contains(opset) else {
      throw FormatError.opsetNotWritten(wanted: opset, written: StoredModel.opsets)
    }
    self = try StoredModel(
      model,
      from: opset == model.graph.opset ? model.graph : OpsetUpgrade.upgraded(model.graph, to: opset), format)
    guard self.model.graph.opset == opset else {
      throw FormatError.opsetTooLow(wanted: opset, needed: self.model.graph.opset)
    }
  }

  /// - Parameter graph: the model's, or that in a later operator set.
  private init(_ model: Model, from graph: Graph, _ format: ExportFormat) throws {
    var graph = graph
    while true {
      var unfolding = WeightUnfolding(opset: graph.opset, names: NameTable(graph))
      let plain = try unfolding.graph(graph)
      let needed = GraphCheck.neededOpset(of: plain)
      if needed <= graph.opset {
        var stored = model
        stored.graph = plain
        (self.model, notes, self.format) = (stored, unfolding.notes, format)
        return
      }
      // Whatever is new was made for a set with scales per channel.
      graph = try OpsetUpgrade.upgraded(graph, to: max(needed, StoredModel.opsets.lowerBound))
    }
  }

  /// The same with other types of its outputs.
  package func declaring(_ outputs: [ValueInfo]) -> StoredModel {
    var model = model
    model.graph.outputs = outputs
    return StoredModel(model: model, notes: notes, format: format)
  }

  private init(model: Model, notes: [String: String], format: ExportFormat) {
    (self.model, self.notes, self.format) = (model, notes, format)
  }

  /// Whether weights have codes that take half the bytes in a later operator set.
  private static func prefersPacked(_ graph: Graph) -> Bool {
    graph.initializers.values.contains { weight in
      guard case .quantized(let tensor) = weight else { return false }
      return tensor.bits.codeRange.count <= 16
    } || graph.nodes.contains { $0.bodies.contains(where: prefersPacked) }
  }
}
