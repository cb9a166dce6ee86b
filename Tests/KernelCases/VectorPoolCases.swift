import CKernels

/// Pools over images whose channels lie together, and transposes.
enum VectorPoolCases {
  static let all: [SlotCase] = [
    SlotCase(vector: "f32_max_pool_nhwc") { table, source in
      pool(&source, make: { $0.floats($1) }, run: { table.f32_max_pool_nhwc($0, $1, $2) }) { window, values in
        values.max() ?? -.infinity
      }
    },
    SlotCase(vector: "u8_max_pool_nhwc") { table, source in
      pool(&source, make: { $0.integers($1, in: 0...255) }, run: { table.u8_max_pool_nhwc($0, $1, $2) }) {
        $1.max() ?? 0
      }
    },
    SlotCase(vector: "f32_average_pool_nhwc") { table, source in
      // Sixteenths: sums are exact, whatever their order.
      pool(
        &source, make: { $0.values($1) { Float($0.integer(-16...16)) / 16 } },
        run: { table.f32_average_pool_nhwc($0, $1, $2) }
      ) { window, values in
        values.isEmpty ? 0 : values.reduce(0, +) / Float(window.counted(values.count))
      }
    },
    global("f32_global_average_pool_nhwc", { $0.f32_global_average_pool_nhwc }) {
      $0.isEmpty ? 0 : $0.reduce(0, +) / Double($0.count)
    },
    global("f32_global_max_pool_nhwc", { $0.f32_global_max_pool_nhwc }) { $0.max() ?? -.infinity },
    SlotCase(vector: "f32_transpose") { table, source in
      transpose(&source, make: { $0.floats($1) }) { table.f32_transpose($0, $1, $2, $3, $4) }
    },
    SlotCase(vector: "u8_transpose") { table, source in
      transpose(&source, make: { $0.integers($1, in: 0...255) }) { table.u8_transpose($0, $1, $2, $3, $4) }
    },
    SlotCase(vector: "f32_add_rows") { table, source in
      let (rows, n) = (source.size(0...9, timed: 56), source.size(0...40, timed: 64))
      let (xRow, outRow) = (n + source.gap(), n + source.gap())
      let (x, out) = (source.floats(rows * xRow), source.floats(rows * outRow))
      let before = out.values
      return Trial(
        label: "\(rows)x\(n)", work: .bytes(Double(rows * n * 12)),
        run: { table.f32_add_rows(rows, n, x.start, xRow, out.start, outRow) },
        error: {
          mismatch(out) { at in
            let (row, i) = (at / max(1, outRow), at % max(1, outRow))
            return i < n ? before[at] + x[row * xRow + i] : before[at]
          }
        })
    },
  ]

  /// One output pixel's window.
  private struct Window {
    let pool: ck_pool2d
    let row: Int
    let column: Int

    /// Places of the padded image that the window covers.
    private func padded() -> Int {
      func covered(_ at: Int, _ kernel: Int, _ dilation: Int, _ size: Int) -> Int {
        (0..<kernel).count { at + $0 * dilation < size }
      }
      return covered(
        row * pool.stride_height, pool.kernel_height, pool.dilation_height,
        pool.height + pool.pad_top + pool.pad_bottom)
        * covered(
          column * pool.stride_width, pool.kernel_width, pool.dilation_width,
          pool.width + pool.pad_left + pool.pad_right)
    }

    func counted(_ inside: Int) -> Int { pool.count_include_pad == 0 ? inside : padded() }

    /// Elements of channel 0 inside the image.
    var places: [Int] {
      var all: [Int] = []
      for u in 0..<pool.kernel_height {
        let y = row * pool.stride_height + u * pool.dilation_height - pool.pad_top
        for v in 0..<pool.kernel_width where 0..<pool.height ~= y {
          let x = column * pool.stride_width + v * pool.dilation_width - pool.pad_left
          if 0..<pool.width ~= x { all.append((y * pool.width + x) * pool.channels) }
        }
      }
      return all
    }
  }

  private static func pool<Element: Equatable & BitwiseCopyable>(
    _ source: inout ProblemSource, make: (inout ProblemSource, Int) -> Memory<Element>,
    run: @escaping (UnsafePointer<ck_pool2d>, UnsafePointer<Element>, UnsafeMutablePointer<Element>) -> Void,
    exact: @escaping (Window, [Element]) -> Element
  ) -> Trial {
    var pool = ck_pool2d()
    pool.batch = source.size(0...2, timed: 1)
    pool.height = source.size(1...9, timed: 28)
    pool.width = source.size(1...9, timed: 28)
    pool.channels = source.size(1...40, timed: 64)
    pool.kernel_height = source.size(1...3, timed: 2)
    pool.kernel_width = source.size(1...3, timed: 2)
    pool.stride_height = source.size(1...3, timed: 2)
    pool.stride_width = source.size(1...3, timed: 2)
    pool.dilation_height = source.size(1...2, timed: 1)
    pool.dilation_width = source.size(1...2, timed: 1)
    pool.pad_top = source.size(0...2, timed: 0)
    pool.pad_left = source.size(0...2, timed: 0)
    pool.pad_bottom = source.size(0...2, timed: 0)
    pool.pad_right = source.size(0...2, timed: 0)
    pool.count_include_pad = source.choice() ? 1 : 0
    // Some windows may lie wholly outside.
    pool.out_height = source.size(0...5, timed: 14)
    pool.out_width = source.size(0...5, timed: 14)
    let sizes = pool
    let image = sizes.height * sizes.width * sizes.channels
    let x = make(&source, sizes.batch * image)
    let pixels = sizes.out_height * sizes.out_width
    let out = Memory<Element>(sizes.batch * pixels * sizes.channels)
    return Trial(
      label: "\(sizes.height)x\(sizes.width)x\(sizes.channels)",
      work: .bytes(Double((x.count + out.count) * MemoryLayout<Element>.stride)),
      run: { withUnsafePointer(to: sizes) { run($0, x.start, out.start) } },
      error: {
        for pixel in 0..<sizes.batch * pixels {
          let window = Window(
            pool: sizes, row: pixel % pixels / sizes.out_width, column: pixel % sizes.out_width)
          let places = window.places
          for c in 0..<sizes.channels {
            let value = exact(window, places.map { x[pixel / pixels * image + $0 + c] })
            if out[pixel * sizes.channels + c] != value { return .infinity }
          }
        }
        return out.isIntact ? 0 : .infinity
      })
  }

  private static func global(
    _ slot: String,
    _ kernel:
      @escaping @Sendable (ck_vector_table) ->
      @convention(c) (
        Int, Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>
      ) -> Void, exact: @escaping @Sendable ([Double]) -> Double
  ) -> SlotCase {
    SlotCase(vector: slot) { table, source in
      let batch = source.size(0...3, timed: 1)
      let (places, channels) = (source.size(0...20, timed: 49), source.size(0...70, timed: 256))
      let x = source.floats(batch * places * channels)
      let out = Memory<Float>(batch * channels)
      let kernel = kernel(table)
      return Trial(
        label: "\(places) places, \(channels) channels", work: .bytes(Double(x.count * 4)),
        run: { kernel(batch, places, channels, x.start, out.start) },
        error: {
          error(out, allowed: { _ in 1e-6 }) { at in
            exact((0..<places).map { Double(x[(at / channels * places + $0) * channels + at % channels]) })
          }
        })
    }
  }

  private static func transpose<Element: Equatable & BitwiseCopyable>(
    _ source: inout ProblemSource, make: (inout ProblemSource, Int) -> Memory<Element>,
    run: @escaping (Int, Int, Int, UnsafePointer<Element>, UnsafeMutablePointer<Element>) -> Void
  ) -> Trial {
    let batch = source.size(0...3, timed: 1)
    let (rows, columns) = (source.size(0...70, timed: 64), source.size(0...70, timed: 196))
    let x = make(&source, batch * rows * columns)
    let out = Memory<Element>(batch * rows * columns)
    return Trial(
      label: "\(rows)x\(columns)", work: .bytes(Double(2 * out.count * MemoryLayout<Element>.stride)),
      run: { run(batch, rows, columns, x.start, out.start) },
      error: {
        mismatch(out) { at in
          let (image, place) = (at / (rows * columns), at % (rows * columns))
          return x[image * rows * columns + place % rows * columns + place / rows]
        }
      })
  }
}
