import Kernels
import TensorCore

/// The kernel for one layer, its name for people, and why it is not faster.
struct KernelSelection {
  let kernel: LayerKernel
  let name: String
  let remark: String?
  /// Whether it multiplies from a sparse form.
  var isSparse = false
}

/// Chooses the form a layer's weights are multiplied from.
struct KernelSelector {
  let table: KernelTable
  let policy: SparsePolicy
  let choices: KernelChoiceCache

  /// Densities from here on are not worth timing: the sparse kernels read an index with every weight.
  static let worthTiming = 0.5
  /// Weights beyond this do not stay in a second-level cache from run to run.
  static let cacheBytes = 1 << 20

  /// - Parameters:
  ///   - input: how the layer's data is coded, where it comes as bytes.
  ///   - rows: rows of one call.
  func select(
    _ matrix: LayerMatrix, input: ByteScale?, target: ByteScale?, rows: Int, layer: String
  ) -> KernelSelection {
    if let input, case .codes(let codes, let bits, let scales, let zeroPoints) = matrix.form {
      let kernel = integer(matrix, codes, bits, scales, zeroPoints)
      let remark =
        matrix.density < KernelSelector.worthTiming
        ? "zeros do not speed up integer kernels (density \(percent(matrix.density)))" : nil
      return KernelSelection(
        kernel: .integer(kernel, input: input, target: target), name: kernel.name, remark: remark)
    }
    switch policy {
    case .never: return dense(matrix, rows: rows)
    case .always: return sparse(matrix)
    case .measured: return measured(matrix, rows: rows, layer: layer)
    }
  }

  /// The kernel for some of a layer's outputs, in the form that was chosen for all of them.
  func part(
    _ outputs: Range<Int>, of matrix: LayerMatrix, like selection: KernelSelection, input: ByteScale?,
    target: ByteScale?, rows: Int
  ) -> LayerKernel {
    let policy: SparsePolicy = selection.isSparse ? .always : .never
    return KernelSelector(table: table, policy: policy, choices: choices).select(
      matrix.slice(outputs), input: input, target: target, rows: rows, layer: ""
    ).kernel
  }

  private func measured(_ matrix: LayerMatrix, rows: Int, layer: String) -> KernelSelection {
    guard matrix.density < KernelSelector.worthTiming else {
      let selection = dense(matrix, rows: rows)
      // Codes of few bits are zero often without any pruning.
      if case .codes(_, let bits, _, _) = matrix.form, bits != .int8 { return selection }
      guard matrix.density < 0.95, selection.remark == nil else { return selection }
      return KernelSelection(
        kernel: selection.kernel, name: selection.name,
        remark: "density \(percent(matrix.density)) is too high for the sparse kernel")
    }
    let key = KernelChoiceCache.Key(
      layer: layer, form: matrix.formName, outputs: matrix.outputs, depth: matrix.depth, rows: rows,
      density: Int(matrix.density * 200), level: table.level)
    let choice = choices.choice(for: key) {
      KernelRace.run(dense: dense(matrix, rows: rows).kernel, sparse: sparse(matrix).kernel, rows: rows)
    }
    if choice.sparse < choice.dense { return sparse(matrix) }
    let selection = dense(matrix, rows: rows)
    let ratio = (choice.sparse / max(choice.dense, 1) * 10).rounded() / 10
    return KernelSelection(
      kernel: selection.kernel, name: selection.name,
      remark: "at density \(percent(matrix.density)) dense is \(ratio)x as fast as sparse")
  }

  private func sparse(_ matrix: LayerMatrix) -> KernelSelection {
    let kernel: SparseMatrix
    if case .codes(let codes, _, let scales, let zeroPoints) = matrix.form, zeroPoints.isEmpty {
      kernel = codes.withUnsafeBufferPointer {
        SparseMatrix(codes: $0, outputs: matrix.outputs, inputs: matrix.depth, scales: scales, table: table)
      }
    } else {
      kernel = matrix.floats.withUnsafeBufferPointer {
        SparseMatrix(weights: $0, outputs: matrix.outputs, inputs: matrix.depth, table: table)
      }
    }
    return KernelSelection(
      kernel: .float(kernel), name: "sparse \(percent(1 - matrix.density)), \(kernel.name)", remark: nil,
      isSparse: true)
  }

  private func dense(_ matrix: LayerMatrix, rows: Int) -> KernelSelection {
    switch matrix.form {
    case .float(let values):
      let kernel = values.withUnsafeBufferPointer {
        DenseMatrix(weights: $0, outputs: matrix.outputs, inputs: matrix.depth, table: table)
      }
      var remark: String?
      if matrix.lostCodes {
        remark = "scales run along the inputs: runs as float"
      } else if rows <= 2 && kernel.packedBytes > KernelSelector.cacheBytes {
        remark = "memory-bound: reads each weight once per run"
      }
      return KernelSelection(kernel: .float(kernel), name: kernel.name, remark: remark)
    case .half(let values, let isBrain):
      let kernel = values.withUnsafeBufferPointer {
        HalfMatrix(
          weights: $0, format: isBrain ? .bfloat16 : .float16, outputs: matrix.outputs, inputs: matrix.depth,
          table: table)
      }
      return KernelSelection(
        kernel: .float(kernel), name: kernel.name,
        remark: rows > 4 ? "16-bit weights are widened to float: less memory, the same arithmetic" : nil)
    case .codes(let codes, let bits, let scales, let zeroPoints):
      let kernel = packed(matrix, codes, bits, scales, zeroPoints)
      return KernelSelection(
        kernel: .float(kernel), name: kernel.name,
        remark: rows > 4 ? "activations are 32 bits: weights are unpacked to float" : nil)
    }
  }

  private func integer(
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

  private func percent(_ share: Double) -> String {
    let rounded = (share * 100).rounded()
    // 99.6 % zeros are not all zeros.
    let shown = share < 1 && rounded == 100 ? 99 : share > 0 && rounded == 0 ? 1 : Int(rounded)
    return "\(shown) %"
  }
}

extension LayerMatrix {
  /// The form as a key: what its dense kernel depends on.
  var formName: String {
    switch form {
    case .float: "float"
    case .half: "half"
    case .codes(_, let bits, _, _): bits.rawValue
    }
  }
}
