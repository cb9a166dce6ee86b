import GraphIR
import Kernels
import TensorCore

/// ConvInteger: a convolution of codes less their zero points, in int32. QLinearConv: the same with an int32 bias, scaled
/// and made codes again; scale and zero point of the weights are one for all or one per output channel.
struct IntegerConvOperator: Operator {
  let kinds: [OperatorKind] = ["ConvInteger", "QLinearConv"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .codes(.convolution(weight: kind.type == "QLinearConv" ? 3 : 1))
  }

  /// Which inputs hold what.
  private struct Places {
    let w, xZero, wZero, bias: Int
    let isLinear: Bool

    init(_ site: OperatorSite) {
      isLinear = site.kind.type == "QLinearConv"
      (w, xZero, wZero, bias) = isLinear ? (3, 2, 5, 8) : (1, 2, 3, 9)
    }
  }

  private static func plan(_ site: OperatorSite, _ places: Places) throws -> ConvolutionPlan {
    try ConvolutionPlan(site, weights: places.w, bias: places.bias, mixesTypes: true)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let places = Places(site)
    let x = try site.input(0, of: DataType.codes)
    let w = try site.input(places.w, of: DataType.codes)
    let plan = try Self.plan(site, places)
    _ = try OperandZeroPoints(site, input: places.xZero, of: x.dataType, count: 1)
    _ = try OperandZeroPoints(site, input: places.wZero, of: w.dataType, count: w.shape[0])
    guard places.isLinear else { return [TensorType(.int32, plan.output)] }
    if site.optionalInput(8) != nil { try site.input(8, of: [.int32]) }
    let type = try site.linearResult(scaleCounts: [(1, 1), (4, w.shape[0]), (6, 1)], of: [.float32])
    return [TensorType(type, plan.output)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchCodes(0, Places(site).w, Visitor(site: site, target: outputs[0].dataType))
  }

  private struct Visitor: CodePairVisitor {
    let site: OperatorSite
    let target: DataType

    func visit<X: CodeElement, W: CodeElement>(_ x: X.Type, _ w: W.Type) throws -> OperatorBody {
      let places = Places(site)
      let plan = try IntegerConvOperator.plan(site, places)
      let weights = try site.input(places.w)
      let xZeros = try OperandZeroPoints(
        site, input: places.xZero, of: try site.input(0).dataType, count: 1)
      let wZeros = try OperandZeroPoints(
        site, input: places.wZero, of: weights.dataType, count: weights.shape[0])
      let perChannel = places.isLinear ? try site.input(4).shape.count > 1 : false
      let hasBias = site.optionalInput(places.bias) != nil
      let zeroReader = ZeroPointReader(places.isLinear ? target : nil)
      let requantizer = Requantizer(target: target)
      return OperatorBody { arguments in
        guard let output = arguments.outputs[0] else { return }
        let xZero = xZeros.read(arguments, 0)
        let bias = hasBias ? arguments.input(places.bias, as: Int32.self) : nil
        let zero = places.isLinear ? zeroReader.read(arguments.inputs[7], 0) : 0
        plan.direct(
          arguments.input(0, as: X.self), arguments.input(places.w, as: W.self), zero: Int32(0),
          step: { sum, x, w, channel in
            sum &+ (Int32(x) &- xZero) &* (Int32(w) &- wZeros.read(arguments, channel))
          },
          finish: { place, channel, sum in
            guard places.isLinear else {
              output.assumingMemoryBound(to: Int32.self)[place] = sum
              return
            }
            let factor =
              arguments.input(1, as: Float.self)[0]
              * arguments.input(4, as: Float.self)[perChannel ? channel : 0]
              / arguments.input(6, as: Float.self)[0]
            requantizer.write(Float(sum &+ (bias?[channel] ?? 0)) * factor, zero: zero, to: output, place)
          })
      }
    }
  }
}
