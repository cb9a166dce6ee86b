import GraphIR
import Kernels
import TensorCore

/// Constant, given as a tensor, a number or a list of numbers.
struct ConstantOperator: Operator {
  let kinds: [OperatorKind] = ["Constant"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .opaque("it reads nothing") }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let value = try value(site)
    return [TensorType(value.dataType, value.shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let value = try value(site)
    return OperatorBody { arguments in
      guard let source = value.bytes.baseAddress else { return }
      withExtendedLifetime(value.storage) {
        arguments.outputs[0]?.copyMemory(from: source, byteCount: value.byteCount)
      }
    }
  }

  private func value(_ site: OperatorSite) throws -> Tensor {
    let attributes = site.node.attributes
    switch attributes["value"] ?? attributes["value_float"] ?? attributes["value_int"]
      ?? attributes["value_floats"] ?? attributes["value_ints"]
    {
    case .tensor(let tensor): return tensor
    case .float(let value): return Tensor(scalar: value)
    case .int(let value): return Tensor(scalar: Int64(value))
    case .floats(let values): return try Tensor(shape: try site.shape([values.count]), values)
    case .ints(let values): return try Tensor(shape: try site.shape([values.count]), values.map { Int64($0) })
    case .string, .strings, .graph, .tensors, .graphs, .type, nil:
      throw site.attributeError("value", expected: "a tensor, a number or numbers", found: "something else")
    }
  }
}

/// ConstantOfShape: a constant shape filled with one value, float32 0 by default.
struct ConstantOfShapeOperator: Operator {
  let kinds: [OperatorKind] = ["ConstantOfShape"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .opaque("it reads a shape alone") }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    _ = try site.input(0)
    let shape = try site.shape(try site.constantIntegers(0) ?? [])
    return [TensorType(try value(site)?.dataType ?? .float32, shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let value = try value(site)
    let count = outputs[0].shape.count
    let width = outputs[0].dataType.byteCount
    return OperatorBody { arguments in
      guard let output = arguments.outputs[0] else { return }
      guard let value else {
        output.initializeMemory(as: UInt8.self, repeating: 0, count: count * width)
        return
      }
      withExtendedLifetime(value.storage) {
        guard let source = value.bytes.baseAddress else { return }
        for index in 0..<count { (output + index * width).copyMemory(from: source, byteCount: width) }
      }
    }
  }

  private func value(_ site: OperatorSite) throws -> Tensor? {
    guard let attribute = site.node.attributes["value"] else { return nil }
    guard case .tensor(let tensor) = attribute, tensor.count == 1 else {
      throw site.attributeError("value", expected: "a tensor of one element", found: attribute.kindName)
    }
    return tensor
  }
}
