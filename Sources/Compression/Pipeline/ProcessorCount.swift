import Glibc

/// Processors that this process may run on.
enum ProcessorCount {
  static let active = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}
