import GraphIR
import TensorCore

/// Rewrites what scikit-learn's exporter takes from the domain ai.onnx.ml
/// (https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md) with operators of ai.onnx, so that linear models are
/// layers like any other. Other operators of the domain, such as trees, stay as they are.
///
/// - `LinearClassifier` and `LinearRegressor` become a `Gemm`, with their function and the choice of a label behind it.
/// - `Scaler`, `Normalizer` (L1 and L2), `Binarizer`, `ArrayFeatureExtractor` and `FeatureVectorizer` become arithmetic.
/// - `ZipMap` falls away: its numbers stay one array with a column for each label.
struct ClassicalOperators {
  private var names: NameTable
  private var nodes: [Node] = []
  private var initializers: [String: Weight]
  private let inputs: [String: ValueInfo]
  private let opset: Int

  static let domain = "ai.onnx.ml"

  static func rewritten(_ graph: Graph) throws -> Graph {
    guard graph.nodes.contains(where: { $0.kind.domain == domain }) else { return graph }
    var rewriting = ClassicalOperators(graph)
    for node in graph.nodes {
      if node.kind.domain != domain { rewriting.nodes.append(node) } else { try rewriting.rewrite(node) }
    }
    var result = graph
    result.nodes = rewriting.nodes
    result.initializers = rewriting.initializers
    return result
  }

  private init(_ graph: Graph) {
    names = NameTable(graph)
    initializers = graph.initializers
    opset = graph.opset
    inputs = Dictionary(graph.inputs.map { ($0.name, $0) }) { first, _ in first }
  }

  private mutating func rewrite(_ node: Node) throws {
    let isRewritten =
      switch node.kind.type {
      case "LinearClassifier": try classifier(node)
      case "LinearRegressor": try regressor(node)
      case "Scaler": try scaler(node)
      case "Normalizer": try normalizer(node)
      case "Binarizer": try binarizer(node)
      case "ArrayFeatureExtractor": try features(node)
      case "FeatureVectorizer": try concatenated(node)
      case "ZipMap": zipMap(node)
      default: false
      }
    if !isRewritten { nodes.append(node) }
  }

  // MARK: - Operators

  /// Scores X W^T + b, the labels of the highest, and the scores through their function.
  private mutating func classifier(_ node: Node) throws -> Bool {
    guard let x = node.input(0), let output = node.outputs.first, let labels = try labels(node),
      let function = function(node), let linear = try linear(node)
    else { return false }
    // One row tells both classes of two apart: their scores are opposite.
    let isSingle = linear.rows == 1 && labels.count == 2 && function == "Sigmoid"
    guard isSingle || linear.rows == labels.count else { return false }
    var scores = product(node, floats(x, node), linear)
    if isSingle {
      let other = add("Neg", node, [scores])
      scores = add("Concat", node, [other, scores], ["axis": .int(1)])
    }
    let best = add("ArgMax", node, [scores], ["axis": .int(1), "keepdims": .int(0)])
    let table = constant(labels, node, "labels")
    add("Gather", node, [table, best], ["axis": .int(0)], output: output)
    guard node.outputs.count > 1, !node.outputs[1].isEmpty else { return true }
    add(
      function.isEmpty ? "Identity" : OperatorKind(function), node, [scores],
      function == "Softmax" ? ["axis": .int(1)] : [:], output: node.outputs[1])
    return true
  }

  private mutating func regressor(_ node: Node) throws -> Bool {
    guard let x = node.input(0), let output = node.outputs.first,
      node.string("post_transform") ?? "NONE" == "NONE",
      let linear = try linear(node, rows: node.int("targets") ?? 1)
    else { return false }
    _ = product(node, floats(x, node), linear, output: output)
    return true
  }

  /// (x - offset) * scale.
  private mutating func scaler(_ node: Node) throws -> Bool {
    guard let x = node.input(0), let output = node.outputs.first, let offset = node.floats("offset"),
      let scale = node.floats("scale")
    else { return false }
    let centred = add("Sub", node, [floats(x, node), try list(offset, node, "offset")])
    add("Mul", node, [centred, try list(scale, node, "scale")], output: output)
    return true
  }

  /// Each row over its norm, written out since ONNX Runtime lacks the later versions of `LpNormalization`. A row of zeros
  /// stays one.
  private mutating func normalizer(_ node: Node) throws -> Bool {
    guard let x = node.input(0), let output = node.outputs.first,
      let kind = ["L1": "ReduceL1", "L2": "ReduceL2"][node.string("norm") ?? "MAX"]
    else { return false }
    let values = floats(x, node)
    // Axes are an input since 18.
    let axes = opset < 18 ? nil : constant(try Tensor(shape: [1], [Int64(1)]), node, "axes")
    let norm = add(
      OperatorKind(kind), node, [values] + (axes.map { [$0] } ?? []),
      axes == nil ? ["axes": .ints([1]), "keepdims": .int(1)] : ["keepdims": .int(1)])
    let least = constant(Tensor(scalar: Float.leastNormalMagnitude), node, "least")
    add("Div", node, [values, add("Max", node, [norm, least])], output: output)
    return true
  }

  private mutating func binarizer(_ node: Node) throws -> Bool {
    guard let x = node.input(0), let output = node.outputs.first else { return false }
    let threshold = constant(Tensor(scalar: node.float("threshold") ?? 0), node, "threshold")
    let above = add("Greater", node, [floats(x, node), threshold])
    add("Cast", node, [above], ["to": .int(Int(ElementType.number(.float32)))], output: output)
    return true
  }

  /// Columns of a matrix, or of a list taken as one row.
  private mutating func features(_ node: Node) throws -> Bool {
    guard let x = node.input(0), let indices = node.input(1), let output = node.outputs.first else {
      return false
    }
    let rank = initializers[x]?.shape.rank ?? inputs[x]?.dimensions?.count ?? 2
    let shape = rank == 1 ? [1, -1] : [-1] as [Int64]
    let numbers = constant(try Tensor(shape: Shape([shape.count]), shape), node, "shape")
    let flat = add("Reshape", node, [indices, numbers])
    add("Gather", node, [x, flat], ["axis": .int(max(0, rank - 1))], output: output)
    return true
  }

  private mutating func concatenated(_ node: Node) throws -> Bool {
    guard let output = node.outputs.first, !node.inputs.isEmpty else { return false }
    let parts = node.inputs.map { floats($0, node) }
    add("Concat", node, parts, ["axis": .int(1)], output: output)
    return true
  }

  private mutating func zipMap(_ node: Node) -> Bool {
    guard let x = node.input(0), let output = node.outputs.first else { return false }
    add("Identity", node, [x], output: output)
    return true
  }

  // MARK: - Parts

  /// Weights [rows, features] and bias [rows].
  private struct Linear {
    let weights: Tensor
    let bias: Tensor?

    var rows: Int { weights.shape[0] }
  }

  /// Nil where the numbers do not fit each other.
  private func linear(_ node: Node, rows: Int? = nil) throws -> Linear? {
    guard let coefficients = node.floats("coefficients"), !coefficients.isEmpty else { return nil }
    let bias = node.floats("intercepts") ?? []
    let rows = rows ?? max(1, bias.count)
    guard rows > 0, coefficients.count % rows == 0, bias.isEmpty || bias.count == rows else { return nil }
    return Linear(
      weights: try Tensor(shape: Shape([rows, coefficients.count / rows]), coefficients),
      bias: bias.isEmpty ? nil : try Tensor(shape: Shape([rows]), bias))
  }

  /// The layer keeps the name of the node that it stands for.
  private mutating func product(_ node: Node, _ x: String, _ linear: Linear, output: String? = nil) -> String
  {
    let result = output ?? names.fresh(node.name + "_scores")
    var inputs = [x, constant(linear.weights, node, "coefficients")]
    if let bias = linear.bias { inputs.append(constant(bias, node, "intercepts")) }
    nodes.append(
      Node(
        name: node.name, kind: "Gemm", inputs: inputs, outputs: [result], attributes: ["transB": .int(1)]))
    return result
  }

  private func labels(_ node: Node) throws -> Tensor? {
    if let numbers = node.ints("classlabels_ints"), !numbers.isEmpty {
      return try Tensor(shape: Shape([numbers.count]), numbers.map { Int64($0) })
    }
    guard case .strings(let texts)? = node.attributes["classlabels_strings"], !texts.isEmpty else {
      return nil
    }
    return try Tensor(shape: Shape([texts.count]), strings: texts)
  }

  /// The operator of a function on scores, empty for none; nil for one that is not known.
  private func function(_ node: Node) -> String? {
    ["NONE": "", "SOFTMAX": "Softmax", "LOGISTIC": "Sigmoid"][node.string("post_transform") ?? "NONE"]
  }

  /// The value as floats: these operators also take integers, which only a model's own inputs hold.
  private mutating func floats(_ value: String, _ node: Node) -> String {
    guard let type = inputs[value]?.dataType, type != .float32 else { return value }
    return add("Cast", node, [value], ["to": .int(Int(ElementType.number(.float32)))])
  }

  private mutating func list(_ values: [Float], _ node: Node, _ what: String) throws -> String {
    constant(try Tensor(shape: Shape([values.count]), values), node, what)
  }

  private mutating func constant(_ tensor: Tensor, _ node: Node, _ what: String) -> String {
    let name = names.fresh("\(node.name)_\(what)")
    initializers[name] = .dense(tensor)
    return name
  }

  @discardableResult
  private mutating func add(
    _ kind: OperatorKind, _ node: Node, _ inputs: [String], _ attributes: [String: Attribute] = [:],
    output: String? = nil
  ) -> String {
    let name = names.fresh("\(node.name)/\(kind.type)")
    let result = output ?? names.fresh(name + "_output")
    nodes.append(Node(name: name, kind: kind, inputs: inputs, outputs: [result], attributes: attributes))
    return result
  }
}
