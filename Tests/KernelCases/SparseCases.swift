import CKernels
import Kernels

/// Weights of which only the non-zero ones are kept.
enum SparseCases {
  static let all = [
    one("f32_spmv", codes: false, info: { $0.f32_spmv_info }, kernel: { $0.f32_spmv }),
    one("s8_spmv", codes: true, info: { $0.s8_spmv_info }, kernel: { $0.s8_spmv }),
    many("f32_spmm", codes: false, info: { $0.f32_spmm_info }, kernel: { $0.f32_spmm }),
    many("s8_spmm", codes: true, info: { $0.s8_spmm_info }, kernel: { $0.s8_spmm }),
    many("f32_spmm_few", codes: false, info: { $0.f32_spmm_few_info }, kernel: { $0.f32_spmm_few }),
    many("s8_spmm_few", codes: true, info: { $0.s8_spmm_few_info }, kernel: { $0.s8_spmm_few }),
  ]

  /// Up to 16 outputs with random elements, a tenth of all where timed.
  private final class Elements {
    let outputs: Int
    let inputs: Int
    let starts: Memory<UInt32>
    let index: Memory<UInt16>
    let table: Memory<Float>
    private let floats: Memory<Float>
    private let codes: Memory<UInt8>?

    init(codes usesCodes: Bool, _ source: inout ProblemSource) {
      let (outputs, inputs) = (source.size(1...16, timed: 16), source.size(1...60, timed: 1024))
      (self.outputs, self.inputs) = (outputs, inputs)
      starts = Memory(outputs + 1)
      starts[0] = 0
      for n in 0..<outputs { starts[n + 1] = starts[n] + UInt32(source.size(0...13, timed: inputs / 10)) }
      let count = Int(starts[outputs])
      index = source.values(count) { UInt16($0.integer(0...inputs - 1)) }
      floats = source.floats(count)
      table = source.floats(256)
      codes = usesCodes ? source.integers(count, in: 0...255) : nil
    }

    var count: Int { Int(starts[outputs]) }
    /// Bytes of weights and their places.
    var bytes: Double { Double(count * (codes == nil ? 6 : 3)) }
    var start: UnsafeRawPointer { codes.map { UnsafeRawPointer($0.start) } ?? UnsafeRawPointer(floats.start) }
    func value(_ e: Int) -> Double { Double(codes.map { table[Int($0[e])] } ?? floats[e]) }

    /// The sum of output `n` over `x`, which tells the input at a place.
    func sum(_ n: Int, _ x: (Int) -> Float) -> Double {
      (Int(starts[n])..<Int(starts[n + 1])).reduce(0) { $0 + value($1) * Double(x(Int(index[$1]))) }
    }
  }

  private static func one(
    _ slot: String, codes: Bool, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel:
      @escaping @Sendable (ck_matrix_table) ->
      @convention(c) (
        Int, UnsafePointer<UInt32>, UnsafePointer<UInt16>, UnsafeRawPointer, UnsafePointer<Float>,
        UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafePointer<ck_f32_store>
      ) -> Void
  ) -> SlotCase {
    SlotCase(slot: slot, info: info) { matrix, _, source in
      let elements = Elements(codes: codes, &source)
      let x = source.floats(elements.inputs)
      let tile = FloatTile(rows: 1, outputs: elements.outputs, &source)
      let kernel = kernel(matrix)
      return Trial(
        label: "\(elements.count) of \(elements.outputs)x\(elements.inputs)", work: .bytes(elements.bytes),
        run: {
          kernel(
            elements.outputs, elements.starts.start, elements.index.start, elements.start,
            elements.table.start,
            x.start, tile.y.start, &tile.store)
        },
        error: { tile.error(size: { _, _ in 8 }) { _, n in elements.sum(n) { x[$0] } } })
    }
  }

  private static func many(
    _ slot: String, codes: Bool, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel:
      @escaping @Sendable (ck_matrix_table) ->
      @convention(c) (
        Int, Int, UnsafePointer<UInt32>, UnsafePointer<UInt16>, UnsafeRawPointer, UnsafePointer<Float>,
        UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, UnsafePointer<ck_f32_store>
      ) -> Void
  ) -> SlotCase {
    SlotCase(slot: slot, info: info) { matrix, info, source in
      let block = Int(info.rows)
      let rows = source.size(1...block, timed: block)
      let elements = Elements(codes: codes, &source)
      let x = source.floats(elements.inputs * block)
      let tile = FloatTile(rows: rows, outputs: elements.outputs, &source)
      let kernel = kernel(matrix)
      return Trial(
        label: "\(rows) rows, \(elements.count) of \(elements.outputs)x\(elements.inputs)",
        work: .floats(2 * Double(rows * elements.count)),
        run: {
          kernel(
            rows, elements.outputs, elements.starts.start, elements.index.start, elements.start,
            elements.table.start, x.start, tile.y.start, tile.stride, &tile.store)
        },
        error: { tile.error(size: { _, _ in 8 }) { i, n in elements.sum(n) { x[$0 * block + i] } } })
    }
  }
}
