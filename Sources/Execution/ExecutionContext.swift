import GraphIR
import Operators
import TensorCore

/// The memory of a plan's runs on one thread: arena, scratch and the addresses of every step's arguments.
package final class ExecutionContext {
  private let plan: ExecutionPlan
  private let arena: UnsafeMutableRawPointer
  private let inputPointers: UnsafeMutablePointer<UnsafeRawPointer?>
  private let outputPointers: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  /// Per graph input: which of `inputPointers` point to it.
  private let inputReaders: [[Int]]
  /// Per graph input: the tensor that was set, and where it lies.
  private var held: [Tensor?]
  private var addresses: [UnsafeRawPointer?]

  init(_ plan: ExecutionPlan) {
    self.plan = plan
    let assembly = plan.assembly
    // Some kernels read whole vectors at the end of a value.
    let bytes = assembly.arenaBytes + 64
    arena = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    // Touches every page, so that the first run does not pay for it.
    arena.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    inputPointers = .allocate(capacity: assembly.inputPlaces.count + 1)
    outputPointers = .allocate(capacity: assembly.outputPlaces.count + 1)
    inputPointers.initialize(repeating: nil, count: assembly.inputPlaces.count + 1)
    outputPointers.initialize(repeating: nil, count: assembly.outputPlaces.count + 1)
    var readers = [[Int]](repeating: [], count: plan.inputs.count)
    for (index, place) in assembly.inputPlaces.enumerated() {
      switch place {
      case .arena(let offset)?: inputPointers[index] = UnsafeRawPointer(arena + offset)
      case .constant(let tensor)?: inputPointers[index] = tensor.bytes.baseAddress
      case .input(let input)?: readers[input].append(index)
      case nil: break
      }
    }
    for (index, place) in assembly.outputPlaces.enumerated() {
      if case .arena(let offset)? = place { outputPointers[index] = arena + offset }
    }
    inputReaders = readers
    held = Array(repeating: nil, count: plan.inputs.count)
    addresses = Array(repeating: nil, count: plan.inputs.count)
  }

  deinit {
    arena.deallocate()
    inputPointers.deallocate()
    outputPointers.deallocate()
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
    case .arena(let offset): start = UnsafeRawPointer(arena + offset)
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

  func arguments(_ step: Int) -> OperatorArguments {
    let assembly = plan.assembly
    return OperatorArguments(
      inputs: UnsafePointer(inputPointers + assembly.steps[step].firstInput),
      outputs: UnsafePointer(outputPointers + assembly.steps[step].firstOutput),
      scratch: arena + assembly.scratchOffset)
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
    addresses[index] = address ?? UnsafeRawPointer(arena)
    for reader in inputReaders[index] { inputPointers[reader] = addresses[index] }
  }
}
