import Foundation
import Synchronization

/// Messages from other threads for the one that draws; a pipe wakes it from its wait for keys.
package final class Mailbox: Sendable {
  private let messages = Mutex<[Message]>([])
  private let reader: Int32
  private let writer: Int32

  /// - Throws: `MailboxError.noPipe` where the process may open no more files.
  package init() throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw MailboxError.noPipe(errno: errno) }
    for end in ends {
      _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (reader, writer) = (ends[0], ends[1])
  }

  deinit {
    close(reader)
    close(writer)
  }

  /// Becomes readable when there is a message.
  package var descriptor: Int32 { reader }

  package func post(_ message: Message) {
    let wasEmpty = messages.withLock { messages in
      messages.append(message)
      return messages.count == 1
    }
    guard wasEmpty else { return }
    var byte: UInt8 = 1
    _ = write(writer, &byte, 1)
  }

  /// All messages since the last call, oldest first.
  package func take() -> [Message] {
    var buffer: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
    while read(reader, &buffer, buffer.count) > 0 {}
    return messages.withLock { messages in
      defer { messages = [] }
      return messages
    }
  }
}

package enum MailboxError: Error, CustomStringConvertible {
  case noPipe(errno: Int32)

  package var description: String {
    switch self {
    case .noPipe(let code):
      "no pipe can be opened (\(String(cString: strerror(code)))); close some programs or raise the limit (ulimit -n)"
    }
  }
}
