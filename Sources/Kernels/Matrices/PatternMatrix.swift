import CKernels

/// Which weights an N:M pattern keeps: at most `kept` of each `run` along the inputs.
package struct KeepPattern: Hashable, Sendable, CaseIterable, CustomStringConvertible {
  package let kept: Int
  package let run: Int

  /// The patterns there are kernels for, the sparsest first.
  package static let allCases = [(1, 8), (1, 4), (2, 8), (2, 4), (4, 8)].map {
    KeepPattern(kept: $0, run: $1)
  }

  private init(kept: Int, run: Int) {
    self.kept = kept
    self.run = run
  }

  package var description: String { "\(kept):\(run)" }

  /// The sparsest pattern that keeps everything that is not zero of `weights` [outputs, inputs]; nil where none does.
  package static func holding(
    _ weights: UnsafeBufferPointer<Float>, outputs: Int, inputs: Int
  ) -> KeepPattern? {
    allCases.first { $0.holds(weights, outputs: outputs, inputs: inputs) }
  }

  /// Whether no run has more weights than are kept.
  package func holds(_ weights: UnsafeBufferPointer<Float>, outputs: Int, inputs: Int) -> Bool {
    for n in 0..<outputs {
      for first in stride(from: 0, to: inputs, by: run) {
        var count = 0
        for k in first..<min(inputs, first + run) where weights[n * inputs + k] != 0 { count += 1 }
        if count > kept { return false }
      }
    }
    return true
  }

  /// Runs that one index word places, and how many bits a place takes.
  fileprivate var runsPerWord: Int { (run == 4 ? 16 : 8) / kept }
  fileprivate var placeBits: Int { run == 4 ? 2 : 4 }
}

extension KeepPattern {
  typealias Kernel =
    @convention(c) (
      Int, Int, Int, UnsafePointer<UInt32>, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>, Int,
      UnsafePointer<ck_f32_store>
    ) -> Void

  func kernel(of table: KernelTable) -> (run: Kernel, info: ck_kernel_info) {
    let m = table.matrix
    return switch (kept, run) {
    case (1, 4): (m.f32_pattern1of4, m.f32_pattern1of4_info)
    case (2, 4): (m.f32_pattern2of4, m.f32_pattern2of4_info)
    case (1, 8): (m.f32_pattern1of8, m.f32_pattern1of8_info)
    case (2, 8): (m.f32_pattern2of8, m.f32_pattern2of8_info)
    default: (m.f32_pattern4of8, m.f32_pattern4of8_info)
    }
  }
}

/// Weights of which each run along the inputs keeps the same few: values, and places of 2 or 4 bits.
///
/// What is not kept is not multiplied, though an infinite or NaN input may meet a kept zero.
package final class PatternMatrix: MatrixKernel {
  package let outputs: Int
  package let inputs: Int
  package let pattern: KeepPattern
  private let panels: AlignedBuffer<UInt32>
  private let table: KernelTable

  /// Keeps what is not zero of `weights` [outputs, inputs]; nil where `pattern` does not hold that.
  package init?(
    weights: UnsafeBufferPointer<Float>, outputs: Int, inputs: Int, pattern: KeepPattern, table: KernelTable
  ) {
    precondition(
      outputs >= 0 && inputs >= 0 && weights.count == outputs * inputs, "weights are [outputs, inputs]")
    guard pattern.holds(weights, outputs: outputs, inputs: inputs) else { return nil }
    self.outputs = outputs
    self.inputs = inputs
    self.pattern = pattern
    self.table = table
    let groupInputs = pattern.runsPerWord * pattern.run
    let groups = (inputs + groupInputs - 1) / groupInputs
    let places = pattern.runsPerWord * pattern.kept
    let groupWords = Panels.width * (1 + places)
    panels = AlignedBuffer(zeros: Panels.count(outputs) * groups * groupWords)
    for n in 0..<outputs {
      let panel = panels.start + n / Panels.width * groups * groupWords + n % Panels.width
      for first in stride(from: 0, to: inputs, by: pattern.run) {
        let group = panel + first / groupInputs * groupWords
        let run = first % groupInputs / pattern.run
        var slot = run * pattern.kept
        for k in first..<min(inputs, first + pattern.run) where weights[n * inputs + k] != 0 {
          group[0] |= UInt32(k - first) << UInt32(slot * pattern.placeBits)
          group[(1 + slot) * Panels.width] = weights[n * inputs + k].bitPattern
          slot += 1
        }
      }
    }
  }

  private var groupInputs: Int { pattern.runsPerWord * pattern.run }
  private var groups: Int { (inputs + groupInputs - 1) / groupInputs }
  private var panelWords: Int { groups * Panels.width * (1 + pattern.runsPerWord * pattern.kept) }

  package var identity: KernelIdentity {
    KernelIdentity(.float32, .pattern(pattern), KernelCode(pattern.kernel(of: table).info))
  }
  package var packedBytes: Int { panels.byteCount }

  /// Rows that stay in a second-level cache while all panels pass.
  private func blockRows(_ rows: Int) -> Int {
    min(rows, max(4, 98_304 / max(1, 4 * inputs) / 4 * 4))
  }

  /// Rows of x lie here with zeros up to whole groups, where they do not end with one.
  private var copies: Bool { inputs % groupInputs != 0 }

  package func scratchBytes(rows: Int) -> Int {
    copies ? blockRows(max(1, rows)) * groups * groupInputs * 4 : 0
  }

  package func multiply(
    rows: Int, x: UnsafePointer<Float>, ldx: Int, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    guard rows > 0, outputs > 0 else { return }
    let (run, info) = pattern.kernel(of: table)
    let tileRows = Int(info.rows)
    let block = blockRows(rows)
    let padded = groups * groupInputs
    let copy = scratch.assumingMemoryBound(to: Float.self)
    var store = ck_f32_store(epilogue)
    for first in stride(from: 0, to: rows, by: block) {
      let count = min(block, rows - first)
      if copies {
        for row in 0..<count {
          (copy + row * padded).update(from: x + (first + row) * ldx, count: inputs)
          (copy + (row * padded + inputs)).update(repeating: 0, count: padded - inputs)
        }
      }
      let (from, step) = copies ? (UnsafePointer(copy), padded) : (x + first * ldx, ldx)
      for panel in 0..<Panels.count(outputs) {
        let column = panel * Panels.width
        for row in stride(from: 0, to: count, by: tileRows) {
          store.move(epilogue, row: first + row, column: column)
          run(
            min(tileRows, count - row), min(Panels.width, outputs - column), groups,
            panels.start + panel * panelWords, from + row * step, step, y + ((first + row) * ldy + column),
            ldy,
            &store)
        }
      }
    }
  }
}
