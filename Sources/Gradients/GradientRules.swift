import GraphIR
import Rewriting
import TensorCore

/// How each operator passes a gradient on to its inputs.
enum GradientRules {
  /// The gradient of the node's input at a place, from that of its output; nil where that input has none. The result has
  /// the input's type and shape.
  typealias Rule =
    @Sendable (inout GraphBuilder, _ node: Node, _ input: Int, _ upstream: String) throws ->
    String?

  static let all: [OperatorKind: Rule] = elementwise.merging(matrices) { first, _ in first }
    .merging(shapes) { first, _ in first }

  /// Of operators of one input x with result y.
  private static func unary(
    _ rule:
      @escaping @Sendable (inout GraphBuilder, _ x: String, _ y: String, _ g: String) throws -> String
  ) -> Rule {
    { builder, node, place, g in
      place == 0 ? try rule(&builder, node.inputs[0], node.outputs[0], g) : nil
    }
  }

  /// Of operators of two broadcast operands: the gradient in the shape of the result.
  private static func pair(
    _ rule:
      @escaping @Sendable (
        inout GraphBuilder, _ a: String, _ b: String, _ isFirst: Bool, _ y: String, _ g: String
      ) throws -> String
  ) -> Rule {
    { builder, node, place, g in
      let whole = try rule(&builder, node.inputs[0], node.inputs[1], place == 0, node.outputs[0], g)
      return try builder.unbroadcast(whole, to: builder.shape(of: node.inputs[place]))
    }
  }

  private static let elementwise: [OperatorKind: Rule] = [
    "Add": pair { _, _, _, _, _, g in g },
    "Sub": pair { builder, _, _, isFirst, _, g in isFirst ? g : try builder.add("Neg", [g]) },
    "Mul": pair { builder, a, b, isFirst, _, g in try builder.add("Mul", [g, isFirst ? b : a]) },
    "Div": pair { builder, _, b, isFirst, y, g in
      let quotient = try builder.add("Div", [g, b])
      return isFirst ? quotient : try builder.add("Neg", [try builder.add("Mul", [quotient, y])])
    },
    "Pow": pair { builder, a, b, isFirst, y, g in
      if !isFirst {
        // y log a, which is 0 where y is, as the limit says.
        let logarithm = try builder.add("Log", [a])
        let isZero = try builder.add("Equal", [y, try builder.scalar(0, like: y)])
        let product = try builder.add(
          "Where", [isZero, try builder.zeros(like: y), try builder.add("Mul", [y, logarithm])])
        return try builder.add("Mul", [g, product])
      }
      let less = try builder.add("Sub", [b, try builder.scalar(1, like: b)])
      let power = try builder.add("Pow", [a, less])
      var factor = b
      if try builder.type(of: b).dataType != builder.type(of: a).dataType {
        factor = try builder.add("Cast", [b], ["to": .int(try builder.type(of: a).dataType.onnxCode)])
      }
      return try builder.add("Mul", [g, try builder.add("Mul", [power, factor])])
    },
    "Sum": { builder, node, place, g in
      try builder.unbroadcast(g, to: builder.shape(of: node.inputs[place]))
    },
    "Neg": unary { builder, _, _, g in try builder.add("Neg", [g]) },
    "Identity": unary { _, _, _, g in g },
    "Abs": unary { builder, x, _, g in try builder.add("Mul", [g, try builder.add("Sign", [x])]) },
    "Exp": unary { builder, _, y, g in try builder.add("Mul", [g, y]) },
    "Log": unary { builder, x, _, g in try builder.add("Div", [g, x]) },
    "Sqrt": unary { builder, _, y, g in
      try builder.add("Div", [g, try builder.add("Add", [y, y])])
    },
    "Reciprocal": unary { builder, _, y, g in
      try builder.add("Neg", [try builder.add("Mul", [g, try builder.add("Mul", [y, y])])])
    },
    "Sin": unary { builder, x, _, g in try builder.add("Mul", [g, try builder.add("Cos", [x])]) },
    "Cos": unary { builder, x, _, g in
      try builder.add("Neg", [try builder.add("Mul", [g, try builder.add("Sin", [x])])])
    },
    "Relu": unary { builder, x, _, g in
      let isPositive = try builder.add("Greater", [x, try builder.scalar(0, like: x)])
      return try builder.add("Where", [isPositive, g, try builder.scalar(0, like: g)])
    },
    "Sigmoid": unary { builder, _, y, g in
      let rest = try builder.add("Sub", [try builder.scalar(1, like: y), y])
      return try builder.add("Mul", [g, try builder.add("Mul", [y, rest])])
    },
    "Tanh": unary { builder, _, y, g in
      let square = try builder.add("Mul", [y, y])
      return try builder.add("Mul", [g, try builder.add("Sub", [try builder.scalar(1, like: y), square])])
    },
    "Softplus": unary { builder, x, _, g in try builder.add("Mul", [g, try builder.add("Sigmoid", [x])]) },
  ]
}
