import ArgumentParser
import Compression
import Foundation
import GraphIR
import Gradients
import Operators
import TerminalUI

struct InspectVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Say what a model is made of: layers, shapes, sizes, operators.")

  @OptionGroup var model: ModelOptions

  @Flag(help: "Also list the type and shape of every value, for one sample.")
  var shapes = false

  func run() async throws {
    let opened = try model.data.open(model.model)
    let graph = opened.model.graph
    var lines = [
      "\(opened.name)  \(opened.path)",
      "\(NumberFormat.grouped(opened.model.parameterCount)) parameters, "
        + "\(NumberFormat.bytes.text(graph.storedByteCount)), opset \(graph.opset), "
        + "\(graph.nodes.count) nodes" + producer(opened.model.metadata),
    ]
    lines += graph.inputs.map { "input   \(describe($0))" } + graph.outputs.map { "output  \(describe($0))" }
    if let data = opened.evaluation {
      lines.append("data    \(data.name), \(NumberFormat.grouped(data.count)) samples")
    }
    lines.append("")
    lines += layerTable(opened.model)
    lines.append("")
    let operators = Dictionary(grouping: graph.nodes, by: \.kind.description).mapValues(\.count)
    lines.append(
      "operators: "
        + operators.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    )
    if shapes {
      lines.append("")
      lines += try shapeLines(graph)
    }
    lines += opened.notices.map { "note: \($0)" }
    let unknown = OperatorRegistry.standard.unknown(in: graph)
    if !unknown.isEmpty { lines.append("note: \(Self.notice(of: unknown))") }
    try Output.print(lines.joined(separator: "\n"))
    if !unknown.isEmpty { throw ExitCode(InspectVerb.unknownOperators) }
  }

  /// The exit code of a model that can be compressed by its weights, but not run.
  static let unknownOperators: Int32 = 3

  /// What a model with operators that nothing serves can be used for.
  static func notice(of unknown: [OperatorKind: Int]) -> String {
    let list = unknown.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", ")
    return "These operators are not known: \(list). The model cannot be run here; export prunes, rounds and "
      + "factorizes its weights by what they are alone."
  }

  private func producer(_ metadata: Model.Metadata) -> String {
    let words = [metadata.producer, metadata.producerVersion].filter { !$0.isEmpty }
    return words.isEmpty ? "" : ", " + words.joined(separator: " ")
  }

  /// A row a layer, one for what stands in none (biases of others, norms, tables), and the sum, as the heading has it.
  private func layerTable(_ model: Model) -> [String] {
    let weights = model.graph.initializers
    let layers = LayerCatalog(model.graph).layers
    let names = Output.column(layers.map(\.name), beside: 52)
    let nameWidth = (names + ["elsewhere"]).width("layer")
    let kindWidth = layers.map(\.kind).width("shape")
    func row(_ name: String, _ kind: String, _ count: Int, _ bytes: Int) -> String {
      let numbers = NumberFormat.grouped(count).fitted(to: 12, alignment: .trailing)
      return [
        name.fitted(to: nameWidth), kind.fitted(to: kindWidth), numbers, NumberFormat.bytes.text(bytes),
      ]
      .joined(separator: " ")
    }
    func count(_ layer: Layer) -> Int {
      layer.parameters + (layer.biasName.flatMap { weights[$0]?.shape.count } ?? 0)
    }
    func bytes(_ layer: Layer) -> Int {
      let stored = [layer.weightName, layer.biasName].compactMap { $0.flatMap { weights[$0] } }
      return stored.reduce(0) { $0 + WeightStorage.measure($1).bytes }
    }
    var lines = [
      ["layer".fitted(to: nameWidth), "shape".fitted(to: kindWidth), "  parameters bytes"].joined(
        separator: " ")
    ]
    for (layer, name) in zip(layers, names) {
      let obstacle = layer.obstacle.map { "  (\($0))" } ?? ""
      lines.append(row(name, layer.kind, count(layer), bytes(layer)) + obstacle)
    }
    // Layers that share a weight are listed each, and counted once; weights of nested graphs are in no sum.
    var (restCount, restBytes) = (model.parameterCount, model.graph.storedByteCount)
    var counted: Set<String> = []
    for layer in layers where weights[layer.weightName] != nil && counted.insert(layer.weightName).inserted {
      restCount -= count(layer)
      restBytes -= bytes(layer)
    }
    lines.append(row("elsewhere", "", restCount, restBytes))
    lines.append(row("total", "", model.parameterCount, model.graph.storedByteCount))
    return lines
  }

  /// Every value a node gives; those whose shape follows from the data are known when they run.
  private func shapeLines(_ graph: Graph) throws -> [String] {
    let names = ShapeInference.symbolicDimensions(of: graph)
    let dimensions = Dictionary(uniqueKeysWithValues: names.map { ($0, 1) })
    let known = try ShapeInference.inferTypes(
      graph: GradientExpansion.expanded(graph, dimensions: dimensions), dimensions: dimensions,
      allowsUnknown: true)
    return graph.nodes.flatMap { node in
      node.outputs.filter { !$0.isEmpty }.map { name in
        "value   \(name.inOneLine)  \(known.types[name].map(\.description) ?? "known when it runs")"
      }
    }
  }

  private func describe(_ value: ValueInfo) -> String {
    let dimensions = value.dimensions.map { dimensions in
      dimensions.map { dimension in
        switch dimension {
        case .fixed(let size): "\(size)"
        case .symbolic(let name): name.isEmpty ? "?" : name
        }
      }.joined(separator: ", ")
    }
    return "\(value.name)  \(value.dataType.rawValue)[\(dimensions ?? "unknown rank")]"
  }
}
