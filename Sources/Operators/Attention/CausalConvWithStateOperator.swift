import Glibc
import GraphIR
import Kernels
import TensorCore

/// CausalConvWithState: every channel convolved with its own kernel over the present and past places only; the last
/// (k - 1) places are handed on as the next call's state.
struct CausalConvWithStateOperator: Operator {
  let kinds: [OperatorKind] = ["CausalConvWithState"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.uncounted("no count")) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    let weight = try site.input(1, of: [type.dataType]).shape
    guard type.shape.rank == 3 else { throw site.inputError(0, expected: "of rank 3") }
    let (batch, channels) = (type.shape[0], type.shape[1])
    guard weight.rank == 3, weight[0] == channels, weight[1] == 1, weight[2] >= 1 else {
      throw site.inputError(1, expected: "of shape [\(channels), 1, k]")
    }
    if let bias = site.optionalInput(2), bias != TensorType(type.dataType, try site.shape([channels])) {
      throw site.inputError(2, expected: "\(type.dataType.rawValue)[\(channels)]")
    }
    let state = TensorType(type.dataType, try site.shape([batch, channels, weight[2] - 1]))
    if let past = site.optionalInput(3), past != state {
      throw site.inputError(3, expected: "\(state)")
    }
    _ = try activates(site)
    return [type, state]
  }

  private func activates(_ site: OperatorSite) throws -> Bool {
    try site.string("activation", default: "none", choices: ["none", "silu", "swish"]) != "none"
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(
      0,
      Visitor(site: site, activates: try activates(site), hasState: outputs.count > 1))
  }

  private struct Visitor: RealVisitor {
    let site: OperatorSite
    let activates: Bool
    let hasState: Bool

    func visit<Element: RealElement>(_ type: Element.Type) throws -> OperatorBody {
      let shape = try site.input(0).shape
      let (rows, channels, length) = (shape[0] * shape[1], shape[1], shape[2])
      let kernel = try site.input(1).shape[2]
      let count = site.inputs.count
      return OperatorBody { [activates, hasState] arguments in
        let (input, weights) = (arguments.input(0, as: Element.self), arguments.input(1, as: Element.self))
        let bias = arguments.optionalInput(2, count: count, as: Element.self)
        let past = arguments.optionalInput(3, count: count, as: Element.self)
        /// A place of the row with its past in front; negative ones are of the past.
        func element(_ row: Int, _ place: Int) -> Element {
          place >= 0 ? input[row * length + place] : past?[row * (kernel - 1) + place + kernel - 1] ?? 0
        }
        for row in 0..<rows {
          let channel = row % channels
          if let output = arguments.output(0, as: Element.self) {
            for place in 0..<length {
              var sum = bias.map { Double($0[channel]) } ?? 0
              for tap in 0..<kernel {
                sum +=
                  Double(weights[channel * kernel + tap]) * Double(element(row, place + tap - kernel + 1))
              }
              output[row * length + place] = Element(activates ? sum / (1 + exp(-sum)) : sum)
            }
          }
          guard hasState, let state = arguments.output(1, as: Element.self) else { continue }
          for place in 0..<kernel - 1 {
            state[row * (kernel - 1) + place] = element(row, length - kernel + 1 + place)
          }
        }
      }
    }
  }
}
