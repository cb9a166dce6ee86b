import Kernels
import TensorCore

/// How the weights of a float product lie in memory.
enum MatrixForm: Int, Hashable, Sendable, CaseIterable {
  /// Every weight, in the width it is stored at.
  case dense
  /// Every weight as a float, whatever it is stored as.
  case floats
  /// Single weights with their places.
  case sparse
  /// At most n of m weights in a row.
  case pattern
  /// Strips of outputs that keep the same inputs.
  case blocks
}

/// The kernel for one layer, its name for people, and why it is not faster.
struct KernelSelection {
  let kernel: LayerKernel
  let name: String
  var remark: String?
  var form = MatrixForm.dense

  /// Whether it multiplies from single weights with their places.
  var isSparse: Bool { form == .sparse }

  /// Whether it multiplies every weight as a float.
  var isDenseFloat: Bool {
    if case .float(let kernel) = kernel { kernel is DenseMatrix } else { false }
  }
}

/// Chooses the form a layer's weights are multiplied from.
struct KernelSelector {
  let table: KernelTable
  let policy: SparsePolicy
  let choices: KernelChoiceCache

  /// Densities from here on are not worth timing: the sparse kernels read an index with every weight.
  static let worthTiming = 0.5
  /// Share of stored weights from which on strips are not worth timing.
  static let blocksWorthTiming = 0.7
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
    case .always: return inForm(matrix, .sparse, rows: rows) ?? dense(matrix, rows: rows)
    case .measured: return measured(matrix, rows: rows, layer: layer)
    }
  }

  /// The kernel for some of a layer's outputs, in the form that was chosen for all of them.
  func part(
    _ outputs: Range<Int>, of matrix: LayerMatrix, like chosen: KernelSelection, input: ByteScale?,
    target: ByteScale?, rows: Int
  ) -> LayerKernel {
    let part = matrix.slice(outputs)
    if case .integer = chosen.kernel {
      return select(part, input: input, target: target, rows: rows, layer: "").kernel
    }
    return (inForm(part, chosen.form, rows: rows) ?? dense(part, rows: rows)).kernel
  }

  private func measured(_ matrix: LayerMatrix, rows: Int, layer: String) -> KernelSelection {
    let others = candidates(matrix)
    guard !others.isEmpty else {
      let selection = dense(matrix, rows: rows)
      guard case .float = matrix.form, matrix.density < 0.95, selection.remark == nil else {
        return selection
      }
      return KernelSelection(
        kernel: selection.kernel, name: selection.name,
        remark: "density \(percent(matrix.density)) is too high for the sparse kernel")
    }
    let key = KernelChoiceCache.Key(
      layer: layer, form: matrix.formName + others.map { " \($0.rawValue)" }.joined(),
      outputs: matrix.outputs,
      depth: matrix.depth, rows: rows, density: Int(matrix.density * 200), level: table.level)
    let choice = choices.choice(for: key) {
      var kernels = [MatrixForm.dense: dense(matrix, rows: rows).kernel]
      for form in others { kernels[form] = inForm(matrix, form, rows: rows)?.kernel }
      return KernelRace.run(kernels, rows: rows)
    }
    if choice.best != .dense, let found = inForm(matrix, choice.best, rows: rows) { return found }
    let selection = dense(matrix, rows: rows)
    let sparse = others.filter { $0 != .floats }
    guard !sparse.isEmpty else { return selection }
    let (fastest, own) = (sparse.compactMap { choice.times[$0] }.min() ?? 0, choice.times[.dense] ?? 0)
    let ratio = (fastest / max(own, 1) * 10).rounded() / 10
    return KernelSelection(
      kernel: selection.kernel, name: selection.name,
      remark: "at density \(percent(matrix.density)) dense is \(ratio)x as fast as sparse")
  }

  /// Forms worth timing against the dense one: those that a matrix's zeros allow, and plain floats where it is stored
  /// in fewer bits, which have to be widened for every block of rows.
  private func candidates(_ matrix: LayerMatrix) -> [MatrixForm] {
    var forms: [MatrixForm] = []
    switch matrix.form {
    case .float: break
    case .grouped(let codes): return hasKernel(codes, depth: matrix.depth) ? [.floats] : []
    case .half, .codes: forms.append(.floats)
    }
    if matrix.density < KernelSelector.worthTiming { forms.append(.sparse) }
    guard case .float(let values) = matrix.form, matrix.density <= KernelSelector.blocksWorthTiming else {
      return forms
    }
    values.withUnsafeBufferPointer { values in
      if KeepPattern.holding(values, outputs: matrix.outputs, inputs: matrix.depth) != nil {
        forms.append(.pattern)
      }
      if stripDensity(values, matrix) <= KernelSelector.blocksWorthTiming { forms.append(.blocks) }
    }
    return forms
  }

  /// The share of weights in strips of 8 outputs whose input has any weight.
  private func stripDensity(_ values: UnsafeBufferPointer<Float>, _ matrix: LayerMatrix) -> Double {
    var kept = 0
    for first in stride(from: 0, to: matrix.outputs, by: BlockMatrix.stripWidth) {
      let last = min(matrix.outputs, first + BlockMatrix.stripWidth)
      for k in 0..<matrix.depth {
        for n in first..<last where values[n * matrix.depth + k] != 0 {
          kept += last - first
          break
        }
      }
    }
    return Double(kept) / Double(max(1, matrix.outputs * matrix.depth))
  }

  /// The kernel in one form; nil where the matrix does not have it.
  private func inForm(_ matrix: LayerMatrix, _ form: MatrixForm, rows: Int) -> KernelSelection? {
    let (outputs, depth) = (matrix.outputs, matrix.depth)
    let share = percent(1 - matrix.density)
    func named(_ kernel: any MatrixKernel, _ text: String) -> KernelSelection {
      KernelSelection(kernel: .float(kernel), name: "\(text), \(kernel.name)", remark: nil, form: form)
    }
    switch form {
    case .dense: return dense(matrix, rows: rows)
    case .floats:
      var selection = dense(matrix.floats, of: matrix, rows: rows)
      selection.form = .floats
      selection.remark = KernelSelector.floatsRemark
      return selection
    case .sparse: return named(sparse(matrix), "sparse \(share)")
    case .pattern:
      return matrix.floats.withUnsafeBufferPointer { values in
        guard let pattern = KeepPattern.holding(values, outputs: outputs, inputs: depth),
          let kernel = PatternMatrix(
            weights: values, outputs: outputs, inputs: depth, pattern: pattern, table: table)
        else { return nil }
        return named(kernel, "\(pattern) sparse")
      }
    case .blocks:
      return named(
        matrix.floats.withUnsafeBufferPointer {
          BlockMatrix(weights: $0, outputs: outputs, inputs: depth, table: table)
        }, "block-sparse \(share)")
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

  private func dense(_ matrix: LayerMatrix, rows: Int) -> KernelSelection {
    switch matrix.form {
    case .float(let values): return dense(values, of: matrix, rows: rows)
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
    case .grouped(let codes):
      guard let kernel = grouped(matrix, codes) else {
        var selection = dense(matrix.floats, of: matrix, rows: rows)
        selection.remark = KernelSelector.floatsRemark
        return selection
      }
      return KernelSelection(
        kernel: .float(kernel), name: kernel.name,
        remark: rows > 4 ? "activations are 32 bits: weights are unpacked to float" : nil)
    }
  }

  private func dense(_ values: [Float], of matrix: LayerMatrix, rows: Int) -> KernelSelection {
    let kernel = values.withUnsafeBufferPointer {
      DenseMatrix(weights: $0, outputs: matrix.outputs, inputs: matrix.depth, table: table)
    }
    var remark: String?
    if matrix.lostCodes {
      remark = "scales do not run along the rows of the product: runs as float"
    } else if rows <= 2 && kernel.packedBytes > KernelSelector.cacheBytes {
      remark = "memory-bound: reads each weight once per run"
    }
    return KernelSelection(kernel: .float(kernel), name: kernel.name, remark: remark)
  }

  private static let floatsRemark =
    "smaller as stored, but multiplied as floats: no kernel is faster with these codes"

  /// Whether a kernel that could be faster than floats multiplies such codes: not where runs are too short for any, nor
  /// where values come from more than 16, which are looked up one by one (4096x4096, one row: 0.41x).
  private func hasKernel(_ grouped: LayerMatrix.GroupedCodes, depth: Int) -> Bool {
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
    case .grouped(let codes): "\(codes.bits.rawValue) by \(codes.size)"
    }
  }
}
