import Glibc

/// The largest cache of this machine, which its cores share.
package enum LastLevelCache {
  /// As the system tells; 0 where it does not.
  package static let bytes: Int = {
    let levels = [Int32(_SC_LEVEL4_CACHE_SIZE), Int32(_SC_LEVEL3_CACHE_SIZE), Int32(_SC_LEVEL2_CACHE_SIZE)]
    return levels.map { sysconf($0) }.first { $0 > 0 } ?? 0
  }()

  /// Such as "32 MB".
  package static func label(_ bytes: Int) -> String {
    bytes >= 1 << 20 ? "\(bytes >> 20) MB" : bytes >= 1 << 10 ? "\(bytes >> 10) KB" : "no"
  }
}
