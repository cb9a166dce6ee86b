import GraphIR
import Rewriting
import TensorCore

/// A node that multiplies by a constant weight, read from its attributes: what a kernel needs to know of it.
struct WeightLayer {
  enum Form {
    /// A convolution over one or two dimensions, its weight [outputs, channels / groups, window...].
    case convolution(WindowGeometry, groups: Int)
    /// Rows times a matrix [depth, outputs], or [outputs, depth] where transposed.
    case product(rows: Int, transposed: Bool)
  }

  let node: Int
  let input: String
  let weight: String
  let form: Form
  let outputs: Int
  /// Length of one dot product.
  let depth: Int
  /// Gemm's alpha.
  let factor: Float
  /// Added per output; empty where there is none.
  let bias: [Float]
  /// A full-sized addend that is not constant per output (Gemm's C).
  let addend: String?

  var rows: Int {
    switch form {
    case .convolution(let window, _): window.batch * window.outHeight * window.outWidth
    case .product(let rows, _): rows
    }
  }

  var weights: Int { outputs * depth }

  /// Whether each channel has a window of its own, which direct kernels run.
  var isDepthwise: Bool {
    if case .convolution(let window, let groups) = form {
      groups > 1 && groups == window.channels && outputs == groups
    } else {
      false
    }
  }

  /// The weight axis that runs over outputs.
  var outputAxis: Int {
    switch form {
    case .convolution: 0
    case .product(_, let transposed): transposed ? 0 : 1
    }
  }

  /// Reads node `index`; nil where it is no layer the matrix kernels can run, which leaves it to its operator.
  init?(_ index: Int, in base: TypedGraph) {
    let node = base.graph.nodes[index]
    guard let input = node.input(0), let weight = node.input(1), let output = node.outputs.first,
      let stored = base.graph.initializers[weight], base.graph.initializers[input] == nil,
      let inputType = base.types[input], let outputType = base.types[output],
      inputType.dataType == .float32, outputType.dataType == .float32, stored.dataType.isFloatingPoint,
      stored.shape.count > 0, inputType.shape.count > 0, outputType.shape.count > 0
    else { return nil }
    self.node = index
    self.input = input
    self.weight = weight
    let shapes = (input: inputType.shape, weight: stored.shape, output: outputType.shape)
    switch node.kind {
    case "Conv":
      guard let read = WeightLayer.convolution(node, shapes) else { return nil }
      (form, outputs, depth) = read
      factor = 1
      addend = nil
      if let name = node.input(2) {
        guard let bias = base.constant(name), bias.count == outputs else { return nil }
        self.bias = bias.floats
      } else {
        bias = []
      }
    case "Gemm":
      guard (node.int("transA") ?? 0) == 0, shapes.input.rank == 2, shapes.weight.rank == 2 else {
        return nil
      }
      let transposed = (node.int("transB") ?? 0) != 0
      depth = shapes.weight[transposed ? 1 : 0]
      outputs = shapes.weight[transposed ? 0 : 1]
      guard shapes.input[1] == depth, shapes.output.dimensions == [shapes.input[0], outputs] else {
        return nil
      }
      form = .product(rows: shapes.input[0], transposed: transposed)
      factor = node.float("alpha") ?? 1
      guard
        let added = WeightLayer.addition(
          node.input(2), beta: node.float("beta") ?? 1, output: shapes.output, in: base)
      else { return nil }
      (bias, addend) = added
    case "MatMul":
      guard shapes.weight.rank == 2, shapes.input.rank >= 2, shapes.output.rank == shapes.input.rank else {
        return nil
      }
      depth = shapes.weight[0]
      outputs = shapes.weight[1]
      guard shapes.input[shapes.input.rank - 1] == depth, depth > 0 else { return nil }
      form = .product(rows: shapes.input.count / depth, transposed: false)
      factor = 1
      bias = []
      addend = nil
    default: return nil
    }
  }

  private static func convolution(
    _ node: Node, _ shapes: (input: Shape, weight: Shape, output: Shape)
  ) -> (Form, Int, Int)? {
    let groups = node.int("group") ?? 1
    let kernel = Array(shapes.weight.dimensions.dropFirst(2))
    guard groups > 0, shapes.weight.rank >= 3, shapes.input.rank == shapes.weight.rank,
      shapes.input[1] % groups == 0, shapes.weight[0] % groups == 0,
      shapes.weight[1] == shapes.input[1] / groups,
      node.ints("kernel_shape") ?? kernel == kernel,
      shapes.output[1] == shapes.weight[0],
      let window = WindowGeometry(node, input: shapes.input, output: shapes.output, kernel: kernel)
    else { return nil }
    return (.convolution(window, groups: groups), shapes.weight[0], shapes.weight.count / shapes.weight[0])
  }

  /// Gemm's third input as a bias or as an addend of the output's shape; nil where it is neither.
  private static func addition(
    _ name: String?, beta: Float, output: Shape, in base: TypedGraph
  ) -> (bias: [Float], addend: String?)? {
    guard let name, beta != 0 else { return ([], nil) }
    if let constant = base.constant(name) {
      guard let bias = PerOutput.values(of: constant, outputs: output[1], axis: 1, rank: 2) else {
        return nil
      }
      return (beta == 1 ? bias : bias.map { $0 * beta }, nil)
    }
    guard beta == 1, base.types[name] == TensorType(.float32, output) else { return nil }
    return ([], name)
  }
}

/// Constants that hold one value per output of a layer.
enum PerOutput {
  /// The values of a constant that broadcasts over all axes but `axis` of a result of `rank`; nil for any other shape.
  static func values(of constant: Tensor, outputs: Int, axis: Int, rank: Int) -> [Float]? {
    guard constant.dataType.isFloatingPoint, constant.shape.rank <= rank else { return nil }
    if constant.count == 1 { return Array(repeating: constant.floats[0], count: outputs) }
    let place = axis - (rank - constant.shape.rank)
    guard place >= 0, constant.count == outputs, constant.shape[place] == outputs else { return nil }
    return constant.floats
  }
}
