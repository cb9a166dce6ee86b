import GraphIR
import Kernels
import TensorCore

/// Gives an operator that computes in float32 the half types too: inputs are widened, outputs rounded once.
struct WideningOperator: Operator {
  let base: any Operator

  var kinds: [OperatorKind] { base.kinds }

  func traits(of kind: OperatorKind) -> OperatorTraits { base.traits(of: kind) }

  func infer(_ site: OperatorSite) throws -> [TensorType] { try base.infer(site) }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let isHalf = { (type: TensorType?) in type.map { DataType.halves.contains($0.dataType) } ?? false }
    guard site.inputs.contains(where: isHalf) || outputs.contains(where: isHalf) else {
      return try base.prepare(site, outputs: outputs, table: table)
    }
    // What is known is widened once.
    let known = try site.inputs.indices.map { index in
      try site.knownConstant(index).flatMap {
        DataType.halves.contains($0.dataType) ? try Tensor(shape: $0.shape, $0.floats) : nil
      }
    }
    let wide = OperatorSite(
      node: site.node, opset: site.opset, inputs: site.inputs.map { $0.map(Self.widened) },
      constants: zip(known, site.constants).map { $0 ?? $1 })
    let body = try base.prepare(wide, outputs: outputs.map(Self.widened), table: table)

    // Scratch: the base's own, then every widened input, then every wide output.
    var end = aligned(body.scratchBytes)
    let place = { (type: TensorType?) -> Slot? in
      guard let type, isHalf(type) else { return nil }
      defer { end += aligned(type.shape.count * 4) }
      return Slot(offset: end, count: type.shape.count, isBrain: type.dataType == .bfloat16)
    }
    let inputSlots = site.inputs.enumerated().map { index, type in
      known[index] == nil ? place(type) : nil
    }
    let outputSlots = outputs.map(place)
    let kernels = table.vector
    return OperatorBody(scratchBytes: end) { arguments in
      try withUnsafeTemporaryAllocation(of: UnsafeRawPointer?.self, capacity: inputSlots.count + 1) {
        inputs in
        try withUnsafeTemporaryAllocation(
          of: UnsafeMutableRawPointer?.self, capacity: outputSlots.count + 1
        ) { outputs in
          for (index, slot) in inputSlots.enumerated() {
            guard let slot, let source = arguments.inputs[index] else {
              inputs[index] = known[index]?.bytes.baseAddress ?? arguments.inputs[index]
              continue
            }
            slot.widen(source, to: arguments.scratch(at: slot.offset), kernels)
            inputs[index] = UnsafeRawPointer(arguments.scratch(at: slot.offset, as: UInt8.self))
          }
          for (index, slot) in outputSlots.enumerated() {
            let wanted = arguments.outputs[index]
            outputs[index] =
              if let slot, wanted != nil {
                UnsafeMutableRawPointer(arguments.scratch(at: slot.offset, as: UInt8.self))
              } else { wanted }
          }
          guard let inputStart = inputs.baseAddress, let outputStart = outputs.baseAddress else { return }
          try body.run(
            OperatorArguments(
              inputs: UnsafePointer(inputStart), outputs: UnsafePointer(outputStart),
              scratch: arguments.scratch))
          for (index, slot) in outputSlots.enumerated() {
            guard let slot, let target = arguments.outputs[index] else { continue }
            slot.narrow(arguments.scratch(at: slot.offset), to: target, kernels)
          }
        }
      }
    }
  }

  private static func widened(_ type: TensorType) -> TensorType {
    DataType.halves.contains(type.dataType) ? TensorType(.float32, type.shape) : type
  }

  /// Where a half value's float32 copy lies in scratch memory.
  private struct Slot: Sendable {
    let offset: Int
    let count: Int
    let isBrain: Bool

    func widen(_ source: UnsafeRawPointer, to target: UnsafeMutablePointer<Float>, _ table: VectorTable) {
      let halves = source.assumingMemoryBound(to: UInt16.self)
      if isBrain {
        table.kernels.pointee.bf16_to_f32(count, halves, target)
      } else {
        table.kernels.pointee.f16_to_f32(count, halves, target)
      }
    }

    func narrow(_ source: UnsafePointer<Float>, to target: UnsafeMutableRawPointer, _ table: VectorTable) {
      let halves = target.assumingMemoryBound(to: UInt16.self)
      if isBrain {
        table.kernels.pointee.f32_to_bf16(count, source, halves)
      } else {
        table.kernels.pointee.f32_to_f16(count, source, halves)
      }
    }
  }
}
