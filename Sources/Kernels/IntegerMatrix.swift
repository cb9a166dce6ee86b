import CKernels

/// 8-bit weights multiplied by bytes, exactly: no sum saturates at any feature level.
package final class IntegerMatrix: IntegerMatrixKernel {
  private let tiles: IntegerTiles
  private let weights: AlignedBuffer<Int8>
  private let side: IntegerOutputs

  /// Most inputs whose sums fit 32 bits; beyond it choose a float form.
  package static var maximumInputs: Int { IntegerTiles.maximumInputs }

  /// Packs `weights` [outputs, inputs], where weight = scale · (code − zeroPoint).
  ///
  /// `scales` holds one value or one per output; `zeroPoints` none, one, or one per output, each in −128...127.
  /// `inputs` is at most `maximumInputs`.
  package init(
    weights codes: UnsafeBufferPointer<Int8>, outputs: Int, inputs: Int, scales: [Float],
    zeroPoints: [Int32] = [], table: KernelTable
  ) {
    precondition(
      outputs >= 0 && inputs >= 0 && codes.count == outputs * inputs, "weights are [outputs, inputs]")
    precondition(zeroPoints.allSatisfy { -128...127 ~= $0 }, "zero points of 8-bit weights are 8-bit")
    tiles = IntegerTiles(
      outputs: outputs, inputs: inputs, narrow: Self.isNarrow(codes, outputs: outputs, inputs: inputs),
      table: table)
    let depth = tiles.depth
    let groups = tiles.groups
    weights = AlignedBuffer(zeros: Panels.padded(outputs) * groups * depth)
    let sums = AlignedBuffer<Int32>(zeros: Panels.padded(outputs))
    for n in 0..<outputs {
      let panel = weights.start + n / Panels.width * Panels.width * groups * depth + n % Panels.width * depth
      for k in 0..<inputs {
        let code = codes[n * inputs + k]
        sums.start[n] += Int32(code)
        panel[k / depth * Panels.width * depth + k % depth] = code
      }
    }
    side = IntegerOutputs(
      scales: AlignedBuffer(perOutput: scales, outputs: outputs), columnSums: sums,
      zeroPoints: zeroPoints.allSatisfy { $0 == 0 }
        ? nil : AlignedBuffer(perOutput: zeroPoints, outputs: outputs))
  }

  /// Whether every pair of weights that the narrow kernels add is at most 128 together: they are faster.
  private static func isNarrow(_ codes: UnsafeBufferPointer<Int8>, outputs: Int, inputs: Int) -> Bool {
    for n in 0..<outputs {
      for k in stride(from: 0, to: inputs, by: 2) {
        let next = k + 1 < inputs ? Int(codes[n * inputs + k + 1].magnitude) : 0
        if Int(codes[n * inputs + k].magnitude) + next > 128 { return false }
      }
    }
    return true
  }

  package var outputs: Int { tiles.outputs }
  package var inputs: Int { tiles.inputs }
  package var name: String { "u8·s8 dense \(tiles.info.shown)" }
  package var packedBytes: Int { weights.byteCount + side.byteCount }
  package func scratchBytes(rows: Int) -> Int { tiles.scratchBytes(rows: rows, tileBytes: 0) }

  package func multiply(
    rows: Int, x: UnsafePointer<UInt8>, ldx: Int, input: ByteScale, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    tiles.multiply(
      source, side, rows: rows, x: x, ldx: ldx, input: input, y: y, ldy: ldy, output: nil, epilogue: epilogue,
      scratch: scratch)
  }

  package func multiply(
    rows: Int, x: UnsafePointer<UInt8>, ldx: Int, input: ByteScale, y: UnsafeMutablePointer<UInt8>, ldy: Int,
    output: ByteScale, epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    tiles.multiply(
      source, side, rows: rows, x: x, ldx: ldx, input: input, y: y, ldy: ldy, output: output,
      epilogue: epilogue,
      scratch: scratch)
  }

  private var source: Source {
    Source(weights: weights.start, panelBytes: tiles.groups * tiles.depth * Panels.width)
  }

  private struct Source: IntegerPanelSource {
    let weights: UnsafePointer<Int8>
    let panelBytes: Int

    func panels(_ first: Int, count: Int, tile: UnsafeMutablePointer<Int8>) -> UnsafePointer<Int8> {
      weights + first * panelBytes
    }
  }
}
