import Glibc

/// Bytes in use on the heap, as glibc's `mallinfo2` counts them; nil where it cannot be asked.
enum HeapUse {
  static var bytes: UInt? {
    #if arch(x86_64)
      // The result is ten words returned through a hidden pointer, which this calling convention passes first.
      typealias Query = @convention(c) (UnsafeMutablePointer<UInt>) -> UnsafeMutableRawPointer
      guard let symbol = dlsym(nil, "mallinfo2") else { return nil }
      let query = unsafeBitCast(symbol, to: Query.self)
      return withUnsafeTemporaryAllocation(of: UInt.self, capacity: 10) { words in
        guard let start = words.baseAddress else { return nil }
        _ = query(start)
        return words[7] + words[4]
      }
    #else
      return nil
    #endif
  }

  /// Whether the heap is as large after some call of `body` as before it. The test runner's own threads may allocate
  /// during one call, but hardly during each of ten; true where the heap cannot be asked.
  static func isSteady(_ body: () -> Void) -> Bool {
    (0..<10).contains { _ in
      let before = bytes
      body()
      return bytes == before
    }
  }
}
