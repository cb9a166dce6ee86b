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
}
