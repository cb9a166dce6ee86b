import GraphIR
import Kernels
import TensorCore

/// IsNaN and IsInf (of either or one sign).
struct FloatTestOperator: Operator {
  let kinds: [OperatorKind] = ["IsNaN", "IsInf"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(.all, .declined("its output is Boolean"))
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32, .float64] + DataType.halves)
    return [TensorType(.bool, type.shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let positive = try site.flag("detect_positive", default: true)
    let negative = try site.flag("detect_negative", default: true)
    let isNaN = site.kind.type == "IsNaN"
    let count = outputs[0].shape.count
    let test = { @Sendable (value: Double) in
      isNaN ? value.isNaN : (positive && value == .infinity) || (negative && value == -.infinity)
    }
    let isSingle = try site.input(0).dataType == .float32
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Bool.self) else { return }
      if isSingle {
        let input = arguments.input(0, as: Float.self)
        for index in 0..<count { output[index] = test(Double(input[index])) }
      } else {
        let input = arguments.input(0, as: Double.self)
        for index in 0..<count { output[index] = test(input[index]) }
      }
    }
  }
}
