import Kernels

/// Attention, softmax and activations beside NumPy.
enum KernelRowCases {
  static let family = KernelFamily(name: "rows") { bench in
    [
      { attention(bench, length: 128) }, { attention(bench, length: 1024) },
      { linear(bench, length: 1024) }, { softmax(bench, rows: 4096, columns: 10) },
      { softmax(bench, rows: 256, columns: 1024) }, { gelu(bench) },
    ]
  }

  private static let heads = 8
  private static let depth = 64

  private static func peer(_ bench: KernelBench, _ name: String) -> KernelCase.Peer {
    bench.peer.map { .process($0, name) } ?? .none
  }

  private static func attention(_ bench: KernelBench, length: Int) -> KernelCase {
    let form = Attention.Form.softmax(scale: 0.125)
    return KernelCase(
      name: "attention \(heads) heads, \(length) x \(depth)", peer: peer(bench, "attention\(length)"),
      work: 4 * Double(heads * length * length * depth), bound: .floats, ours: run(bench, form, length))
  }

  private static func linear(_ bench: KernelBench, length: Int) -> KernelCase {
    KernelCase(
      name: "linear attention \(heads) heads, \(length) x \(depth)",
      peer: .call("softmax attention", run(bench, .softmax(scale: 0.125), length)),
      work: 4 * Double(heads * length * depth * depth), bound: .floats,
      ours: run(bench, .linear(epsilon: 1e-6), length))
  }

  private static func run(_ bench: KernelBench, _ form: Attention.Form, _ length: Int) -> () -> Void {
    let size = length * depth
    let q = KernelData.floats(heads * size, seed: 61)
    let k = KernelData.floats(heads * size, seed: 62)
    let v = KernelData.floats(heads * size, seed: 63)
    let out = KernelData.floats(heads * size, seed: 64)
    let attention = Attention(form, depth: depth, valueDepth: depth, table: bench.table)
    let scratch = KernelData.floats(attention.scratchBytes / 4 + 16, seed: 65)
    return {
      for head in 0..<heads {
        attention.run(
          queries: length, keys: length, q: .init(q.start + head * size, stride: depth),
          k: .init(k.start + head * size, stride: depth), v: .init(v.start + head * size, stride: depth),
          out: out.start + head * size, outStride: depth, scratch: scratch.start)
      }
    }
  }

  private static func softmax(_ bench: KernelBench, rows: Int, columns: Int) -> KernelCase {
    let x = KernelData.floats(rows * columns, seed: 66)
    let out = KernelData.floats(rows * columns, seed: 67)
    let kernels = bench.table.vector.kernels
    return KernelCase(
      name: "softmax \(rows) rows of \(columns)", peer: peer(bench, "softmax\(columns)"),
      work: Double(rows * columns) * 4, bound: .reads,
      ours: { kernels.pointee.f32_softmax_rows(rows, columns, x.start, out.start) })
  }

  private static func gelu(_ bench: KernelBench) -> KernelCase {
    let count = 1 << 16
    let x = KernelData.floats(count, seed: 68)
    let out = KernelData.floats(count, seed: 69)
    let kernels = bench.table.vector.kernels
    return KernelCase(
      name: "GELU (tanh) of 65536", peer: peer(bench, "gelu"), work: Double(count) * 4, bound: .reads,
      ours: { kernels.pointee.f32_gelu_tanh(count, x.start, out.start) })
  }
}
