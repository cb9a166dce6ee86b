import Kernels
import TensorCore

/// Chooses the form a layer's weights are multiplied from.
struct KernelSelector {
  let table: KernelTable
  let policy: FormPolicy
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
      let hasZeros = matrix.density < KernelSelector.worthTiming
      return KernelSelection(
        kernel: .integer(kernel, input: input, target: target),
        remark: hasZeros ? .zerosAmongIntegers(density: matrix.density) : nil)
    }
    switch policy {
    case .stored: return dense(matrix, rows: rows)
    case .always(let form): return inForm(matrix, form, rows: rows) ?? dense(matrix, rows: rows)
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
      var selection = dense(matrix, rows: rows)
      if case .float = matrix.form, matrix.density < 0.95, selection.remark == nil {
        selection.remark = .tooDense(density: matrix.density)
      }
      return selection
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
    var selection = dense(matrix, rows: rows)
    let sparse = others.filter { $0 != .floats }
    guard !sparse.isEmpty else { return selection }
    let (fastest, own) = (sparse.compactMap { choice.times[$0] }.min() ?? 0, choice.times[.dense] ?? 0)
    let ratio = (fastest / max(own, 1) * 10).rounded() / 10
    selection.remark = .denseIsFaster(density: matrix.density, ratio: ratio)
    return selection
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
