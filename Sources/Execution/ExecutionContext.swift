import GraphIR
import Operators
import TensorCore

/// The memory of a plan's runs, one at a time, and the threads that help with them.
package final class ExecutionContext {
  private let plan: ExecutionPlan
  let memory: RunMemory
  /// Threads beside the one that runs the plan; nil where the plan is made for one.
  let team: WorkerTeam?
  /// Per graph input: the tensor that was set, and where it lies.
  private var held: [Tensor?]
  private var addresses: [UnsafeRawPointer?]

  init(_ plan: ExecutionPlan) {
    self.plan = plan
    memory = RunMemory(plan.assembly, inputs: plan.inputs.count)
    // Never more threads than any step has parts.
    team =
      memory.largestStep > 1
      ? WorkerTeam(count: min(plan.threads, memory.largestStep) - 1, memory: memory) : nil
    held = Array(repeating: nil, count: plan.inputs.count)
    addresses = Array(repeating: nil, count: plan.inputs.count)
  }

  /// Feeds an input; the tensor is kept and read in place by every run until another is set.
  /// - Throws: `ExecutionError` where no input has the name, or its type is another.
  package func setInput(_ name: String, _ tensor: Tensor) throws {
    let index = try input(name)
    let found = TensorType(tensor.dataType, tensor.shape)
    guard found == plan.inputs[index].type else {
      throw ExecutionError.inputMismatch(name: name, expected: plan.inputs[index].type, found: found)
    }
    held[index] = tensor
    point(index, to: tensor.bytes.baseAddress)
  }

  /// Feeds an input from memory of the caller's: `bytes` holds its elements and must stay until the last run.
  /// - Throws: `ExecutionError` where no input has the name, or there are too few bytes.
  package func setInput(_ name: String, bytes: UnsafeRawBufferPointer) throws {
    let index = try input(name)
    let type = plan.inputs[index].type
    guard bytes.count >= type.byteCount else {
      throw ExecutionError.inputMismatch(
        name: name, expected: type, found: TensorType(type.dataType, [bytes.count / type.dataType.byteCount]))
    }
    held[index] = nil
    point(index, to: bytes.baseAddress)
  }

  /// A copy of an output, or of a value the plan was asked to keep, as the last run left it.
  /// - Throws: `ExecutionError.unknownValue`.
  package func value(_ name: String) throws -> Tensor {
    guard let type = plan.assembly.readable[name]?.type else { throw ExecutionError.unknownValue(name: name) }
    let bytes = try bytes(of: name)
    let storage = TensorStorage(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
    return try Tensor(shape: type.shape, dataType: type.dataType, storage: storage)
  }

  /// The bytes `value` would copy, in place; valid until the next run.
  package func bytes(of name: String) throws -> UnsafeRawBufferPointer {
    guard let found = plan.assembly.readable[name] else { throw ExecutionError.unknownValue(name: name) }
    let start: UnsafeRawPointer?
    switch found.place {
    case .arena(let offset): start = UnsafeRawPointer(memory.arena + offset)
    case .constant(let tensor): start = tensor.bytes.baseAddress
    case .input(let index):
      guard let address = addresses[index] else {
        throw ExecutionError.missingInput(name: plan.inputs[index].name, expected: plan.inputs[index].type)
      }
      start = address
    }
    return UnsafeRawBufferPointer(start: start, count: found.type.byteCount)
  }

  /// An output's elements in place; valid until the next run.
  /// - Throws: `ExecutionError.unknownValue`; `TensorError.dataTypeMismatch` where it holds another type.
  package func withOutput<Element: TensorElement, Result>(
    _ name: String, of type: Element.Type = Element.self,
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    guard let found = plan.assembly.readable[name] else { throw ExecutionError.unknownValue(name: name) }
    guard found.type.dataType == Element.dataType else {
      throw TensorError.dataTypeMismatch(expected: Element.dataType, found: found.type.dataType)
    }
    return try body(bytes(of: name).assumingMemoryBound(to: Element.self))
  }

  /// Runs one step, with the team where it has several parts.
  func run(_ step: PlanAssembly.Step) throws {
    if let team, step.parts.count > 1 {
      try team.run(first: step.parts.lowerBound, count: step.parts.count)
    } else {
      for part in step.parts { try memory.run(part: part) }
    }
  }

  /// - Throws: `ExecutionError` unless `plan` made this context and all inputs are set.
  func checkReady(for plan: ExecutionPlan) throws {
    guard plan === self.plan else { throw ExecutionError.foreignContext }
    for index in addresses.indices where addresses[index] == nil {
      throw ExecutionError.missingInput(name: plan.inputs[index].name, expected: plan.inputs[index].type)
    }
  }

  private func input(_ name: String) throws -> Int {
    guard let index = plan.inputs.firstIndex(where: { $0.name == name }) else {
      throw ExecutionError.unknownInput(name: name, choices: plan.inputs.map(\.name))
    }
    return index
  }

  private func point(_ index: Int, to address: UnsafeRawPointer?) {
    // An empty tensor may have no address; nothing is read from it, but it counts as set.
    let start = address ?? UnsafeRawPointer(memory.arena)
    addresses[index] = start
    memory.point(input: index, to: start)
  }
}
