import Operators
import TensorCore

/// The arena of one context and the addresses of every part's arguments.
///
/// Unchecked because threads of one run share it: addresses change between runs only, and parts that run at the same
/// time write to different bytes.
final class RunMemory: @unchecked Sendable {
  let assembly: PlanAssembly
  let arena: UnsafeMutableRawPointer
  private let inputPointers: UnsafeMutablePointer<UnsafeRawPointer?>
  private let outputPointers: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  /// Per graph input: which of `inputPointers` point into it, and how far.
  private let inputReaders: [[(index: Int, shift: Int)]]

  init(_ assembly: PlanAssembly, inputs: Int) {
    self.assembly = assembly
    // Some kernels read whole vectors at the end of a value.
    let bytes = assembly.arenaBytes + 64
    arena = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    // Touches every page, so that the first run does not pay for it.
    arena.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    inputPointers = .allocate(capacity: assembly.inputPlaces.count + 1)
    outputPointers = .allocate(capacity: assembly.outputPlaces.count + 1)
    inputPointers.initialize(repeating: nil, count: assembly.inputPlaces.count + 1)
    outputPointers.initialize(repeating: nil, count: assembly.outputPlaces.count + 1)
    var readers = [[(index: Int, shift: Int)]](repeating: [], count: inputs)
    for (index, argument) in assembly.inputPlaces.enumerated() {
      switch argument.place {
      case .arena(let offset)?: inputPointers[index] = UnsafeRawPointer(arena + offset + argument.shift)
      case .constant(let tensor)?: inputPointers[index] = tensor.bytes.baseAddress.map { $0 + argument.shift }
      case .input(let input)?: readers[input].append((index, argument.shift))
      case nil: break
      }
    }
    for (index, argument) in assembly.outputPlaces.enumerated() {
      if case .arena(let offset)? = argument.place { outputPointers[index] = arena + offset + argument.shift }
    }
    inputReaders = readers
  }

  deinit {
    arena.deallocate()
    inputPointers.deallocate()
    outputPointers.deallocate()
  }

  /// Parts of the step that has most.
  var largestStep: Int { assembly.steps.map(\.parts.count).max() ?? 1 }

  func point(input: Int, to address: UnsafeRawPointer) {
    for reader in inputReaders[input] { inputPointers[reader.index] = address + reader.shift }
  }

  func arguments(part: Int) -> OperatorArguments {
    let part = assembly.parts[part]
    return OperatorArguments(
      inputs: UnsafePointer(inputPointers + part.firstInput),
      outputs: UnsafePointer(outputPointers + part.firstOutput),
      scratch: arena + part.scratch)
  }

  func run(part: Int) throws { try assembly.parts[part].body.run(arguments(part: part)) }
}
