/// A weight matrix W [outputs, inputs] in the form that runs.
package protocol RunningMatrix: Sendable {
  /// N: rows of W, columns of y.
  var outputs: Int { get }
  /// K: columns of W and of x.
  var inputs: Int { get }
  /// What runs: arithmetic, storage form and code.
  var identity: KernelIdentity { get }
  /// Bytes the running form occupies, scales, places and padding included: what one run reads of the weights.
  var packedBytes: Int { get }
  /// Bytes of scratch `multiply` needs for `rows` rows.
  func scratchBytes(rows: Int) -> Int
}

/// A weight matrix that multiplies rows of floats.
package protocol MatrixKernel: RunningMatrix {
  /// y[rows, N] = activation(x[rows, K] · Wᵀ + bias + residual).
  ///
  /// Rows of x and y lie `ldx` and `ldy` floats apart. Allocates nothing and takes no lock.
  /// - Parameter scratch: `scratchBytes(rows:)` bytes, 64-byte aligned, used by no one else meanwhile.
  func multiply(
    rows: Int, x: UnsafePointer<Float>, ldx: Int, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer)
}

/// A tensor of bytes that stand for numbers: value = scale · (byte − zeroPoint).
package struct ByteScale: Equatable, Sendable {
  package var scale: Float
  /// In 0...255.
  package var zeroPoint: Int32

  package init(scale: Float, zeroPoint: Int32) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }
}

/// A weight matrix that multiplies bytes by integers, exactly, and scales at the end.
package protocol IntegerMatrixKernel: RunningMatrix {
  /// y[rows, N] = activation(x · Wᵀ + bias + residual) as floats; x [rows, K] in bytes on scale `input`.
  /// - Parameter scratch: `scratchBytes(rows:)` bytes, 64-byte aligned, used by no one else meanwhile.
  func multiply(
    rows: Int, x: UnsafePointer<UInt8>, ldx: Int, input: ByteScale,
    y: UnsafeMutablePointer<Float>, ldy: Int, epilogue: Epilogue, scratch: UnsafeMutableRawPointer)

  /// The same, y as bytes on scale `output`: rounded half to even, saturated; a NaN becomes the zero point.
  func multiply(
    rows: Int, x: UnsafePointer<UInt8>, ldx: Int, input: ByteScale,
    y: UnsafeMutablePointer<UInt8>, ldy: Int, output: ByteScale, epilogue: Epilogue,
    scratch: UnsafeMutableRawPointer)
}
