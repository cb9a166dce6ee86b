import GraphIR
import Kernels

extension RecurrentGate {
  /// One per function and direction, from the attributes `activations`, `activation_alpha` and `activation_beta`.
  /// - Throws: for a name that ONNX does not know, or another number of names.
  static func list(_ site: OperatorSite, defaults: [Function], directions: Int) throws -> [RecurrentGate] {
    var functions = [Function](repeatElement(defaults, count: directions).joined())
    if case .strings(let given)? = site.node.attributes["activations"] {
      guard given.count == functions.count else {
        throw site.attributeError(
          "activations", expected: "\(functions.count) names", found: "\(given.count)")
      }
      functions = try given.map { name in
        guard let function = Function(rawValue: name.lowercased()) else {
          throw site.attributeError("activations", expected: "known functions", found: "\"\(name)\"")
        }
        return function
      }
    }
    // Values are given in order to the functions that take them.
    var alphas = (try site.floats("activation_alpha") ?? []).makeIterator()
    var betas = (try site.floats("activation_beta") ?? []).makeIterator()
    return functions.map { function in
      let (alpha, beta) = function.defaults
      return RecurrentGate(
        function, alpha: alpha.map { alphas.next() ?? $0 } ?? 0, beta: beta.map { betas.next() ?? $0 } ?? 0)
    }
  }
}
