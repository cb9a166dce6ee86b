import Kernels

/// Integer products beside our dense float product of the same size.
enum KernelIntegerCases {
  static let family = KernelFamily(name: "integer") { bench in
    [(1024, 1024, 1024), (196, 64, 576), (784, 32, 27), (16, 1024, 1024)].flatMap { shape in
      ([.eight, .six, .four, .two] as [PackedWidth]).map { bits in
        { compared(bench, rows: shape.0, outputs: shape.1, inputs: shape.2, bits: bits) }
      }
    }
  }

  private static func compared(
    _ bench: KernelBench, rows: Int, outputs: Int, inputs: Int, bits: PackedWidth
  ) -> KernelCase {
    var random = KernelRandom(51)
    let range = bits.signedCodes
    let span = UInt64(range.upperBound - range.lowerBound) + 1
    let codes = KernelData<Int16>(outputs * inputs) { _ in
      range.lowerBound + Int16((random.next() >> 20) % span)
    }
    let matrix: any IntegerMatrixKernel
    if bits == .eight {
      let bytes = KernelData<Int8>(codes.buffer.count) { Int8(codes.buffer[$0]) }
      matrix = IntegerMatrix(
        weights: UnsafeBufferPointer(bytes.buffer), outputs: outputs, inputs: inputs, scales: [0.01],
        table: bench.table)
    } else {
      matrix = PackedIntegerMatrix(
        codes: UnsafeBufferPointer(codes.buffer), outputs: outputs, inputs: inputs, bits: bits,
        scales: [0.01],
        table: bench.table)
    }
    let w = KernelData.floats(outputs * inputs, seed: 52)
    let dense = DenseMatrix(
      weights: UnsafeBufferPointer(w.buffer), outputs: outputs, inputs: inputs, table: bench.table)
    let x = KernelData.floats(rows * inputs, seed: 53)
    let bytes = KernelData<UInt8>(rows * inputs) { UInt8(truncatingIfNeeded: $0 &* 77) }
    let y = KernelData.floats(rows * outputs, seed: 54)
    let scratch = KernelData.floats(
      max(matrix.scratchBytes(rows: rows), dense.scratchBytes(rows: rows)) / 4 + 16, seed: 55)
    return KernelCase(
      name: "GEMM \(rows)x\(outputs)x\(inputs) u8 × \(bits)",
      peer: .call(
        "our dense f32",
        {
          dense.multiply(
            rows: rows, x: x.start, ldx: inputs, y: y.start, ldy: outputs, epilogue: Epilogue(),
            scratch: scratch.start)
        }),
      work: 2 * Double(rows) * Double(outputs) * Double(inputs), bound: .integers,
      ours: {
        matrix.multiply(
          rows: rows, x: bytes.start, ldx: inputs, input: ByteScale(scale: 0.1, zeroPoint: 3), y: y.start,
          ldy: outputs, epilogue: Epilogue(), scratch: scratch.start)
      })
  }
}
