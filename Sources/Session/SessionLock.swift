import Foundation

/// Which sessions of a store are being worked on, told to other runs of the program by locks on bytes of a file beside the
/// store: one byte a session. The kernel lets go of them when a process ends, however it ends.
///
/// Where the file or its file system has no locks, every session can be held: nobody is kept from working.
final class SessionLock: Sendable {
  private let descriptor: Int32

  init(path: String) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0o600)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// - Returns: false where another run of the program works on the session.
  func hold(_ session: Int64) -> Bool {
    guard descriptor >= 0 else { return true }
    var lock = SessionLock.lock(session)
    return fcntl(descriptor, SessionLock.set, &lock) == 0 || (errno != EAGAIN && errno != EACCES)
  }

  /// Whether another run of the program works on the session.
  func isHeldElsewhere(_ session: Int64) -> Bool {
    guard descriptor >= 0 else { return false }
    var lock = SessionLock.lock(session)
    return fcntl(descriptor, SessionLock.get, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
  }

  /// Locks of the open file, not of the process, so that two stores of one process keep apart, too (fcntl(2)).
  private static let get: Int32 = 36
  private static let set: Int32 = 37

  private static func lock(_ session: Int64) -> flock {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = off_t(max(0, session))
    lock.l_len = 1
    return lock
  }
}
