import GraphIR
import Kernels
import TensorCore

/// Cast and CastLike between all types.
///
/// Floating point to integer truncates and saturates, NaN gives 0; integer to narrower integer wraps; anything but
/// zero (NaN too) is true. 8-bit floats saturate unless `saturate` is 0. Texts are read as decimal numbers, and numbers
/// written as texts, which plans do not do: `evaluate` only.
struct CastOperator: Operator {
  let kinds: [OperatorKind] = ["Cast", "CastLike"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(
      .only([0]),
      .given { site, place in
        guard place == 0, let type = site.inputs[0]?.dataType, type.isFloatingPoint else { return nil }
        return .step("Cast", [.upstream], ["to": type.onnxCode])
      })
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    _ = try conversion(site)
    if site.kind.type == "CastLike" { return [TensorType(try site.input(1).dataType, type.shape)] }
    guard let code = try site.int("to"), let target = DataType(onnxCode: code) else {
      let found = try site.int("to").map(String.init) ?? "absent"
      throw site.attributeError("to", expected: "the code of a numeric type", found: found)
    }
    return [TensorType(target, type.shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let (source, target) = (try site.input(0).dataType, outputs[0].dataType)
    if source == target { return viewBody(byteCount: outputs[0].byteCount) }
    guard source != .string, target != .string else {
      throw OperatorError.knownWhenRun(kind: site.kind, node: site.node.name)
    }
    let (saturates, rounding) = try conversion(site)
    let count = outputs[0].shape.count
    let vector = table.vector
    switch (source, target) {
    case (.float32, .float16):
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: UInt16.self) else { return }
        vector.kernels.pointee.f32_to_f16(count, arguments.input(0), output)
      }
    case (.float16, .float32):
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Float.self) else { return }
        vector.kernels.pointee.f16_to_f32(count, arguments.input(0), output)
      }
    default:
      return OperatorBody { arguments in
        guard let output = arguments.outputs[0] else { return }
        Self.convert(
          arguments.input(0, as: UInt8.self), source, to: output, target, count, saturates, rounding)
      }
    }
  }

  private func conversion(_ site: OperatorSite) throws -> (saturates: Bool, rounding: ScaleFormat.Rounding) {
    let choices = ["up", "down", "nearest"]
    let rounding = ScaleFormat.Rounding(
      rawValue: try site.string("round_mode", default: "up", choices: choices))
    return (try site.flag("saturate", default: true), rounding ?? .up)
  }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let input = try call.tensor(0)
    let target = try infer(try call.site())[0].dataType
    guard input.dataType != target else { return [.tensor(input)] }
    if target == .string {
      return [.tensor(try Tensor(shape: input.shape, strings: NumberText.texts(of: input)))]
    }
    guard input.dataType == .string else { return try evaluateTensors(call) }
    let numbers = try input.strings.map { text in
      guard let number = NumberText.number(text) else {
        throw call.inputError(0, expected: "texts that are numbers, not \"\(text.prefix(40))\"")
      }
      return number
    }
    if let range = target.integerRange, range.contains(1 << 40) {
      // Long integers do not go through floating point.
      return [
        .tensor(
          try Tensor(
            shape: input.shape,
            zip(input.strings, numbers).map { Int64($0) ?? Int64(saturating: $1) }
          ).cast(to: target))
      ]
    }
    return [.tensor(try Tensor(shape: input.shape, numbers).cast(to: target))]
  }

  /// Block by block: integers to integers as 64-bit integers, everything else as float64.
  static func convert(
    _ input: UnsafeRawPointer, _ source: DataType, to output: UnsafeMutableRawPointer, _ target: DataType,
    _ count: Int, _ saturates: Bool, _ rounding: ScaleFormat.Rounding
  ) {
    let block = 512
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: block) { integers in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: block) { doubles in
        for start in stride(from: 0, to: count, by: block) {
          let length = min(block, count - start)
          let from = input + start * source.byteCount
          let to = output + start * target.byteCount
          let (whole, real) = (integers.prefix(length), doubles.prefix(length))
          if source.isFloatingPoint || target.isFloatingPoint {
            ElementConversion.load(from, source, into: UnsafeMutableBufferPointer(rebasing: real))
            ElementConversion.store(
              UnsafeMutableBufferPointer(rebasing: real), target, to: to, saturates: saturates,
              rounding: rounding)
          } else {
            ElementConversion.load(from, source, into: UnsafeMutableBufferPointer(rebasing: whole))
            ElementConversion.store(UnsafeMutableBufferPointer(rebasing: whole), target, to: to)
          }
        }
      }
    }
  }
}

extension Tensor {
  /// The elements as another numeric type, as the operator Cast does by default.
  func cast(to target: DataType) throws -> Tensor {
    if target == dataType { return self }
    let storage = TensorStorage(byteCount: count * target.byteCount) { bytes in
      guard let from = self.bytes.baseAddress, let to = bytes.baseAddress else { return }
      CastOperator.convert(from, dataType, to: to, target, count, true, .up)
    }
    return try Tensor(shape: shape, dataType: target, storage: storage)
  }
}

/// Numbers as texts, in the forms that numpy writes.
enum NumberText {
  static func texts(of tensor: Tensor) -> [String] {
    switch tensor.dataType {
    case .string: tensor.strings
    case .bool: tensor.integers.map { $0 == 0 ? "False" : "True" }
    case .float64:
      ((try? tensor.withElements(of: Double.self) { Array($0) }) ?? []).map { text($0, $0.description) }
    case .float16:
      ((try? tensor.withElements(of: Float16.self) { Array($0) }) ?? []).map { text(Double($0), "\($0)") }
    case let type where type.isFloatingPoint: tensor.floats.map { text(Double($0), $0.description) }
    case .uint64: ((try? tensor.withElements(of: UInt64.self) { Array($0) }) ?? []).map { "\($0)" }
    default: tensor.integers.map { "\($0)" }
    }
  }

  private static func text(_ value: Double, _ shortest: String) -> String {
    value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-INF" : "INF") : shortest
  }

  /// A decimal number, or an infinity or NaN in the spellings that the specification of Cast lists.
  static func number(_ text: String) -> Double? {
    switch text.lowercased() {
    case "+inf", "inf": .infinity
    case "-inf": -.infinity
    case "nan": .nan
    default: Double(text)
    }
  }
}
