import TensorCore

/// A table of which single rows are wanted as floats: it stays in the bits in which it is stored.
///
/// Codes of up to 4 bits lie in planes: bits 0... of the bytes of a row hold its first elements, the next bits those that
/// follow, so that a plane is unpacked from bytes in a row.
package final class RowTable: Sendable {
  package let rows: Int
  /// Elements of a row.
  package let width: Int
  /// Bytes that one row takes, scales included.
  package let rowBytes: Int
  private let storage: Storage

  private enum Storage {
    case floats(Tensor)
    case halves(Tensor)
    case brainHalves(Tensor)
    case codes(CodeRows)
  }

  /// Floats of 32 or 16 bits, rows along the first axis; nil for any other type.
  package init?(_ tensor: Tensor) {
    guard tensor.shape.rank >= 1 else { return nil }
    rows = tensor.shape[0]
    width = tensor.shape.dimensions.dropFirst().reduce(1, *)
    switch tensor.dataType {
    case .float32: storage = .floats(tensor)
    case .float16: storage = .halves(tensor)
    case .bfloat16: storage = .brainHalves(tensor)
    default: return nil
    }
    rowBytes = width * tensor.dataType.byteCount
  }

  /// Codes whose scales hold for all, for a row, or for groups of a row; nil for others.
  package init?(_ tensor: QuantizedTensor) {
    guard tensor.shape.rank >= 1, tensor.axis == 0 || tensor.axis == nil && tensor.groupSize == nil else {
      return nil
    }
    rows = tensor.shape[0]
    width = tensor.shape.dimensions.dropFirst().reduce(1, *)
    let codes = CodeRows(tensor, rows: rows, width: width)
    rowBytes = codes.rowBytes + (tensor.axis == nil ? 0 : 4 * codes.groups)
    storage = .codes(codes)
  }

  /// Writes the `width` values of a row, each as `QuantizedTensor.dequantized` has it.
  /// - Precondition: `row` is one of the table's.
  package func unpack(row: Int, into out: UnsafeMutablePointer<Float>) {
    switch storage {
    case .floats(let tensor):
      withElements(of: tensor, as: Float.self, row: row) { out.update(from: $0, count: width) }
    case .halves(let tensor):
      withElements(of: tensor, as: Float16.self, row: row) { halves in
        for index in 0..<width { out[index] = Float(halves[index]) }
      }
    case .brainHalves(let tensor):
      withElements(of: tensor, as: UInt16.self, row: row) { halves in
        for index in 0..<width { out[index] = Float(bitPattern: UInt32(halves[index]) << 16) }
      }
    case .codes(let codes): codes.unpack(row: row, into: out)
    }
  }

  private func withElements<Element>(
    of tensor: Tensor, as type: Element.Type, row: Int, _ body: (UnsafePointer<Element>) -> Void
  ) {
    withExtendedLifetime(tensor.storage) {
      guard let start = tensor.bytes.baseAddress else { return }
      body(start.assumingMemoryBound(to: type) + row * width)
    }
  }
}

/// Rows of codes, packed.
private struct CodeRows: Sendable {
  let width: Int
  let groups: Int
  let rowBytes: Int
  private let groupSize: Int
  /// Bits of a code: 8, 4, 2 or 1.
  private let bits: Int
  /// Bytes of a row are the codes of so many planes of this length.
  private let plane: Int
  private let bytes: [UInt8]
  /// [rows, groups], or one for all.
  private let scales: [Float]
  /// Taken from a code as packed, likewise; one for all where none differ.
  private let zeros: [Float]
  /// What a code as packed stands for; empty where it is the number itself.
  private let levels: [Float]

  init(_ tensor: QuantizedTensor, rows: Int, width: Int) {
    self.width = width
    groups = tensor.groupsPerChannel
    groupSize = tensor.groupSize ?? max(1, width)
    let range = tensor.bits.codeRange
    bits =
      switch tensor.bits {
      case .int8, .int6, .int5: 8
      case .int4, .int3: 4
      case .int2, .ternary, .binary: 2
      }
    let planes = 8 / bits
    plane = (width + planes - 1) / planes
    rowBytes = plane
    var packed = [UInt8](repeating: 0, count: rows * plane)
    let lowest = range.lowerBound
    for row in 0..<rows {
      for column in 0..<width {
        let place = UInt8(Int(tensor.codes[row * width + column]) - lowest)
        packed[row * plane + column % max(1, plane)] |= place << UInt8(column / max(1, plane) * bits)
      }
    }
    bytes = packed
    scales = tensor.scales
    levels = tensor.format.levels
    zeros = tensor.zeroPoints.isEmpty ? [Float(-lowest)] : tensor.zeroPoints.map { Float(Int($0) - lowest) }
  }

  func unpack(row: Int, into out: UnsafeMutablePointer<Float>) {
    let mask = UInt8(truncatingIfNeeded: 1 << bits - 1)
    bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress.map({ $0 + row * plane }) else { return }
      for (shift, first) in zip(
        stride(from: 0, to: 8, by: bits), stride(from: 0, to: width, by: max(1, plane)))
      {
        let target = out + first
        let count = min(plane, width - first)
        if levels.isEmpty {
          for index in 0..<count { target[index] = Float(start[index] >> UInt8(shift) & mask) }
        } else {
          for index in 0..<count { target[index] = levels[Int(start[index] >> UInt8(shift) & mask)] }
        }
      }
    }
    for group in 0..<groups {
      let scale = scales.count == 1 ? scales[0] : scales[row * groups + group]
      let zero = !levels.isEmpty ? 0 : zeros.count == 1 ? zeros[0] : zeros[row * groups + group]
      for index in group * groupSize..<min((group + 1) * groupSize, width) {
        out[index] = scale * (out[index] - zero)
      }
    }
  }
}
