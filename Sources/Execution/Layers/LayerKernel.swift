import Kernels

/// A layer's weights in the form that multiplies them, by floats or by bytes.
enum LayerKernel: Sendable {
  case float(any MatrixKernel)
  case integer(any IntegerMatrixKernel, input: ByteScale, target: ByteScale?)

  private var matrix: any RunningMatrix {
    switch self {
    case .float(let kernel): kernel
    case .integer(let kernel, _, _): kernel
    }
  }

  var identity: KernelIdentity { matrix.identity }
  /// Bytes that one run reads of the weights.
  var weightBytes: Int { matrix.packedBytes }

  func scratchBytes(rows: Int) -> Int { matrix.scratchBytes(rows: rows) }

  /// Rows of which a whole number fills the tiles of every feature level, so that cutting there changes no sum.
  var rowUnit: Int {
    if case .float(let kernel) = self, kernel is SparseMatrix { 96 } else { 12 }
  }

  /// Bytes of an element of x.
  var inputBytes: Int {
    switch self {
    case .float: 4
    case .integer: 1
    }
  }

  /// Bytes of an element of y.
  var outputBytes: Int {
    if case .integer(_, _, .some) = self { 1 } else { 4 }
  }

  /// The same weights on data whose codes mean something else.
  func reading(_ input: ByteScale) -> LayerKernel {
    if case .integer(let kernel, _, let target) = self {
      .integer(kernel, input: input, target: target)
    } else {
      self
    }
  }

  /// y = activation(x Wᵀ + bias + residual); strides in elements.
  func multiply(
    rows: Int, x: UnsafeRawPointer, ldx: Int, y: UnsafeMutableRawPointer, ldy: Int, epilogue: Epilogue,
    scratch: UnsafeMutableRawPointer
  ) {
    switch self {
    case .float(let kernel):
      kernel.multiply(
        rows: rows, x: x.assumingMemoryBound(to: Float.self), ldx: ldx,
        y: y.assumingMemoryBound(to: Float.self), ldy: ldy, epilogue: epilogue, scratch: scratch)
    case .integer(let kernel, let input, .some(let target)):
      kernel.multiply(
        rows: rows, x: x.assumingMemoryBound(to: UInt8.self), ldx: ldx, input: input,
        y: y.assumingMemoryBound(to: UInt8.self), ldy: ldy, output: target, epilogue: epilogue,
        scratch: scratch)
    case .integer(let kernel, let input, .none):
      kernel.multiply(
        rows: rows, x: x.assumingMemoryBound(to: UInt8.self), ldx: ldx, input: input,
        y: y.assumingMemoryBound(to: Float.self), ldy: ldy, epilogue: epilogue, scratch: scratch)
    }
  }
}

/// A layer's epilogue with memory of its own for the bias.
struct LayerEpilogue: Sendable {
  /// Padded, so that kernels may read to the end of a panel.
  let bias: ConstantFloats?
  let activation: FusedActivation

  init(bias: [Float], activation: FusedActivation) {
    self.bias = bias.isEmpty ? nil : ConstantFloats(bias)
    self.activation = activation
  }

  /// For outputs from `first` on.
  func epilogue(first: Int, residual: UnsafeRawPointer?, ldr: Int) -> Epilogue {
    Epilogue(
      bias: bias.map { $0.start + first }, activation: activation,
      residual: residual?.assumingMemoryBound(to: Float.self), ldr: ldr)
  }
}
