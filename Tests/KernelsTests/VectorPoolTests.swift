import CKernels
import Kernels
import Testing

@Suite("Pooling kernels over NHWC")
struct VectorPoolTests {
  /// A random pool whose windows may lie partly or wholly in padding.
  private func randomPool(_ random: inout Seeded) -> ck_pool2d {
    var pool = ck_pool2d()
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    (pool.batch, pool.height, pool.width, pool.channels) = (
      number(1...2), number(1...9), number(1...9), number(1...40)
    )
    (pool.kernel_height, pool.kernel_width) = (number(1...4), number(1...4))
    (pool.stride_height, pool.stride_width) = (number(1...3), number(1...3))
    (pool.dilation_height, pool.dilation_width) = (number(1...2), number(1...2))
    (pool.pad_top, pool.pad_left) = (number(0...3), number(0...3))
    (pool.pad_bottom, pool.pad_right) = (number(0...3), number(0...3))
    pool.count_include_pad = Int32(number(0...1))
    func size(_ length: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Int {
      let room = length - (kernel - 1) * dilation - 1
      // Rounded up: the last windows may leave the padded image.
      return room < 0 ? 0 : (room + stride - 1) / stride + 1
    }
    pool.out_height = size(
      pool.height + pool.pad_top + pool.pad_bottom, pool.kernel_height, pool.stride_height,
      pool.dilation_height)
    pool.out_width = size(
      pool.width + pool.pad_left + pool.pad_right, pool.kernel_width, pool.stride_width, pool.dilation_width)
    return pool
  }

  /// For each output: the values inside the image, and how many places lie inside the padded image.
  private func windows(_ p: ck_pool2d, _ x: [Float]) -> [(values: [Float], padded: Int)] {
    var result: [(values: [Float], padded: Int)] = []
    for image in 0..<p.batch {
      for row in 0..<p.out_height {
        for column in 0..<p.out_width {
          for channel in 0..<p.channels {
            var values: [Float] = []
            var padded = 0
            for u in 0..<p.kernel_height {
              for v in 0..<p.kernel_width {
                let y = row * p.stride_height + u * p.dilation_height - p.pad_top
                let z = column * p.stride_width + v * p.dilation_width - p.pad_left
                if y < p.height + p.pad_bottom, z < p.width + p.pad_right { padded += 1 }
                if (0..<p.height).contains(y), (0..<p.width).contains(z) {
                  values.append(x[((image * p.height + y) * p.width + z) * p.channels + channel])
                }
              }
            }
            result.append((values, padded))
          }
        }
      }
    }
    return result
  }

  @Test("agree with windows walked place by place")
  func windowed() throws {
    var random = Seeded(8)
    for _ in 0..<120 {
      var pool = randomPool(&random)
      let count = pool.batch * pool.height * pool.width * pool.channels
      let x = (0..<count).map { _ in Float(Int.random(in: 0...255, using: &random)) }
      let bytes = x.map { UInt8($0) }
      let windows = windows(pool, x)
      let averages = windows.map { window in
        let count = pool.count_include_pad != 0 ? window.padded : window.values.count
        return window.values.isEmpty ? 0 : window.values.reduce(0, +) / Float(count)
      }
      for level in levels {
        let kernels = VectorTable.for(level).kernels
        let largest = guarded(windows.count, fill: 3) { kernels.pointee.f32_max_pool_nhwc(&pool, x, $0) }
        #expect(largest == windows.map { $0.values.max() ?? -.infinity }, "\(pool) at \(level)")
        let bytesFound = guarded(windows.count, fill: 3) {
          kernels.pointee.u8_max_pool_nhwc(&pool, bytes, $0)
        }
        #expect(bytesFound == windows.map { UInt8($0.values.max() ?? 0) }, "\(pool) at \(level)")
        let means = try #require(
          guarded(windows.count, fill: 3) { kernels.pointee.f32_average_pool_nhwc(&pool, x, $0) })
        let worst = zip(means, averages).map { abs($0 - $1) }.max() ?? 0
        #expect(worst < 1e-3, "\(pool) at \(level)")
      }
    }
  }

  @Test("global pools reduce every channel; NaN wins a maximum")
  func global() throws {
    var random = Seeded(9)
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      for channels in vectorLengths {
        let (batch, places) = (2, Int.random(in: 0...5, using: &random))
        var x = random.floats(batch * places * channels)
        if places > 2, channels > 0 { x[channels] = .nan }
        let columns = (0..<batch * channels).map { index in
          (0..<places).map { x[(index / channels * places + $0) * channels + index % channels] }
        }
        let largest = try #require(
          guarded(batch * channels, fill: 3) {
            kernels.pointee.f32_global_max_pool_nhwc(batch, places, channels, x, $0)
          })
        let means = try #require(
          guarded(batch * channels, fill: 3) {
            kernels.pointee.f32_global_average_pool_nhwc(batch, places, channels, x, $0)
          })
        for (index, column) in columns.enumerated() {
          let hasNaN = column.contains(where: \.isNaN)
          #expect(same(largest[index], hasNaN ? .nan : column.max() ?? -.infinity), "\(channels) at \(level)")
          let mean = column.isEmpty ? 0 : column.reduce(0, +) / Float(places)
          #expect(same(means[index], mean) || abs(means[index] - mean) < 1e-6, "\(channels) at \(level)")
        }
      }
    }
  }
}
