import CKernels

/// 8-bit weights multiplied by bytes, exactly: no sum saturates at any feature level.
///
/// Weights that happen to be small (no neighbours above 128, 64, 32 or 16 together) take faster byte products.
package final class IntegerMatrix: TiledIntegerMatrix {
  let tiles: IntegerTiles
  let side: IntegerOutputs
  private let weights: AlignedBuffer<Int8>

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
      outputs: outputs, inputs: inputs, pair: Self.largestPair(codes, outputs: outputs, inputs: inputs),
      table: table)
    let depth = tiles.depth
    let groups = tiles.groups
    weights = AlignedBuffer(zeros: Panels.padded(outputs) * groups * depth)
    let sums = AlignedBuffer<Int32>(zeros: Panels.padded(outputs))
    if let first = codes.baseAddress {
      for n in 0..<outputs {
        let from = first + n * inputs
        var to =
          weights.start + n / Panels.width * Panels.width * groups * depth + n % Panels.width * depth
        var k = 0
        while k + depth <= inputs {
          to.update(from: from + k, count: depth)
          to += Panels.width * depth
          k += depth
        }
        to.update(from: from + k, count: inputs - k)
        var sum: Int32 = 0
        for k in 0..<inputs { sum &+= Int32(from[k]) }
        sums.start[n] = sum
      }
    }
    side = IntegerOutputs(
      scales: AlignedBuffer(perOutput: scales, outputs: outputs), columnSums: sums,
      zeroPoints: zeroPoints.allSatisfy { $0 == 0 }
        ? nil : AlignedBuffer(perOutput: zeroPoints, outputs: outputs))
  }

  /// The largest |w0| + |w1| of two weights that a kernel adds in 16 bits.
  private static func largestPair(_ codes: UnsafeBufferPointer<Int8>, outputs: Int, inputs: Int) -> Int {
    guard let first = codes.baseAddress else { return 0 }
    var largest: UInt16 = 0
    for n in 0..<outputs {
      let row = first + n * inputs
      for pair in 0..<inputs / 2 {
        largest = max(largest, UInt16(row[2 * pair].magnitude) &+ UInt16(row[2 * pair + 1].magnitude))
      }
      if inputs % 2 == 1 { largest = max(largest, UInt16(row[inputs - 1].magnitude)) }
    }
    return Int(largest)
  }

  package var identity: KernelIdentity { KernelIdentity(.int8, .dense(.int8), KernelCode(tiles.info)) }
  package var packedBytes: Int { weights.byteCount + side.byteCount }

  var source: Source {
    Source(weights: weights.start, panelBytes: tiles.groups * tiles.depth * Panels.width)
  }

  struct Source: IntegerPanelSource {
    let weights: UnsafePointer<Int8>
    let panelBytes: Int
    var usesTile: Bool { false }

    func panels(_ first: Int, count: Int, tile: UnsafeMutablePointer<Int8>) -> UnsafePointer<Int8> {
      weights + first * panelBytes
    }
  }
}
