/// Why a model cannot be opened or an export cannot be written.
package enum SessionError: Error, Equatable, CustomStringConvertible {
  case fileExists(path: String)
  case write(path: String, reason: String)

  package var description: String {
    switch self {
    case .fileExists(let path): "\(path) already exists; choose another name or allow it to be replaced"
    case .write(let path, let reason): "cannot write \(path): \(reason); choose another folder"
    }
  }
}
