import Kernels
import TensorCore

extension KernelSelector {
  /// The kernel in one form; nil where the matrix does not have it.
  func inForm(_ matrix: LayerMatrix, _ form: MatrixForm, rows: Int) -> KernelSelection? {
    let (outputs, depth) = (matrix.outputs, matrix.depth)
    func selection(_ kernel: any MatrixKernel) -> KernelSelection {
      KernelSelection(kernel: .float(kernel), form: form)
    }
    switch form {
    case .dense: return dense(matrix, rows: rows)
    case .floats:
      var selection = dense(matrix.floats, of: matrix, rows: rows)
      selection.form = .floats
      if case .float = matrix.form { return selection }
      selection.remark = .floatsAreFaster
      return selection
    case .sparse: return selection(sparse(matrix))
    case .pattern:
      return matrix.floats.withUnsafeBufferPointer { values in
        guard let pattern = KeepPattern.holding(values, outputs: outputs, inputs: depth),
          let kernel = PatternMatrix(
            weights: values, outputs: outputs, inputs: depth, pattern: pattern, table: table)
        else { return nil }
        return selection(kernel)
      }
    case .blocks:
      return selection(
        matrix.floats.withUnsafeBufferPointer {
          BlockMatrix(weights: $0, outputs: outputs, inputs: depth, table: table)
        })
    }
  }

  private func sparse(_ matrix: LayerMatrix) -> SparseMatrix {
    if case .codes(let codes, _, let scales, let zeroPoints) = matrix.form, zeroPoints.isEmpty {
      return codes.withUnsafeBufferPointer {
        SparseMatrix(codes: $0, outputs: matrix.outputs, inputs: matrix.depth, scales: scales, table: table)
      }
    }
    return matrix.floats.withUnsafeBufferPointer {
      SparseMatrix(weights: $0, outputs: matrix.outputs, inputs: matrix.depth, table: table)
    }
  }

  func dense(_ matrix: LayerMatrix, rows: Int) -> KernelSelection {
    switch matrix.form {
    case .float(let values): return dense(values, of: matrix, rows: rows)
    case .half(let values, let isBrain):
      let kernel = values.withUnsafeBufferPointer {
        HalfMatrix(
          weights: $0, format: isBrain ? .bfloat16 : .float16, outputs: matrix.outputs, inputs: matrix.depth,
          table: table)
      }
      return KernelSelection(kernel: .float(kernel), remark: rows > 4 ? .halvesAreWidened : nil)
    case .codes(let codes, let bits, let scales, let zeroPoints):
      let kernel = packed(matrix, codes, bits, scales, zeroPoints)
      return KernelSelection(kernel: .float(kernel), remark: rows > 4 ? .codesAreUnpacked : nil)
    case .grouped(let codes):
      guard let kernel = grouped(matrix, codes) else {
        var selection = dense(matrix.floats, of: matrix, rows: rows)
        selection.remark = .floatsAreFaster
        return selection
      }
      return KernelSelection(kernel: .float(kernel), remark: rows > 4 ? .codesAreUnpacked : nil)
    }
  }

  private func dense(_ values: [Float], of matrix: LayerMatrix, rows: Int) -> KernelSelection {
    let kernel = values.withUnsafeBufferPointer {
      DenseMatrix(weights: $0, outputs: matrix.outputs, inputs: matrix.depth, table: table)
    }
    var remark: KernelRemark?
    if matrix.lostCodes {
      remark = .scalesAcrossRows
    } else if rows <= 2 && kernel.packedBytes > KernelSelector.cacheBytes {
      remark = .memoryBound
    }
    return KernelSelection(kernel: .float(kernel), remark: remark)
  }

  /// Whether a kernel that could be faster than floats multiplies such codes: not where runs are too short for any, nor
  /// where values come from more than 16, which are looked up one by one (4096x4096, one row: 0.41x).
  func hasKernel(_ grouped: LayerMatrix.GroupedCodes, depth: Int) -> Bool {
    (grouped.size >= depth || grouped.size % PackedWidth.groupSizeUnit == 0) && grouped.levels.count <= 16
  }

  /// Codes with a scale for each run of inputs, or codes that stand for values of a table; nil where floats are
  /// faster.
  private func grouped(_ matrix: LayerMatrix, _ grouped: LayerMatrix.GroupedCodes) -> PackedMatrix? {
    let size = grouped.size < matrix.depth ? grouped.size : nil
    guard hasKernel(grouped, depth: matrix.depth) else { return nil }
    guard !grouped.levels.isEmpty else {
      return grouped.codes.map(Int16.init).withUnsafeBufferPointer {
        PackedMatrix(
          codes: $0, outputs: matrix.outputs, inputs: matrix.depth,
          bits: PackedWidth(grouped.bits, hasZeros: grouped.codes.contains(0)), scales: grouped.scales,
          zeroPoints: grouped.zeroPoints, groupSize: size, table: table)
      }
    }
    let lowest = grouped.bits.codeRange.lowerBound
    let levels = grouped.levels + Array(repeating: 0, count: 16 - grouped.levels.count)
    return grouped.codes.map { UInt8(Int($0) - lowest) }.withUnsafeBufferPointer {
      PackedMatrix(
        places: $0, levels: levels, outputs: matrix.outputs, inputs: matrix.depth, scales: grouped.scales,
        groupSize: size, table: table)
    }
  }

  func integer(
    _ matrix: LayerMatrix, _ codes: [Int8], _ bits: WeightBits, _ scales: [Float],
    _ zeroPoints: [Int32]
  ) -> any IntegerMatrixKernel {
    if bits == .int8 {
      return codes.withUnsafeBufferPointer {
        IntegerMatrix(
          weights: $0, outputs: matrix.outputs, inputs: matrix.depth, scales: scales, zeroPoints: zeroPoints,
          table: table)
      }
    }
    return codes.map(Int16.init).withUnsafeBufferPointer {
      PackedIntegerMatrix(
        codes: $0, outputs: matrix.outputs, inputs: matrix.depth, bits: width(bits, codes), scales: scales,
        zeroPoints: zeroPoints, table: table)
    }
  }

  private func packed(
    _ matrix: LayerMatrix, _ codes: [Int8], _ bits: WeightBits, _ scales: [Float],
    _ zeroPoints: [Int32]
  ) -> PackedMatrix {
    codes.map(Int16.init).withUnsafeBufferPointer {
      PackedMatrix(
        codes: $0, outputs: matrix.outputs, inputs: matrix.depth, bits: width(bits, codes), scales: scales,
        zeroPoints: zeroPoints, table: table)
    }
  }

  private func width(_ bits: WeightBits, _ codes: [Int8]) -> PackedWidth {
    PackedWidth(bits, hasZeros: bits == .binary && codes.contains(0))
  }
}
