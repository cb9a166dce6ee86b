/// Why a model cannot be opened or an export cannot be written.
package enum SessionError: Error, Equatable, CustomStringConvertible {
  /// Weights that are NaN or infinite.
  case nonFiniteWeights(file: String, names: [String])
  /// The same file was given as calibration and as evaluation data.
  case sameData(file: String)
  /// Something stands where an export would go.
  case fileExists(path: String)
  /// The file of sessions cannot be read or written, or is not this program's.
  case unusableStore(path: String, reason: String)
  /// What would be written is no model that other runtimes load.
  case invalidExport(reason: String)

  /// A dimension was given that no input leaves open.
  case unknownDimension(name: String, choices: [String])

  /// The card names a metric that there is not.
  case unknownMetric(key: String, choices: [String])

  package var description: String {
    switch self {
    case .nonFiniteWeights(let file, let names):
      "\(file) holds NaN or infinity in \(names.prefix(3).joined(separator: ", "))"
        + (names.count > 3 ? " and \(names.count - 3) more" : "")
        + ", so it computes nothing of use; train or export it again"
    case .unknownMetric(let key, let choices):
      "the card asks for the metric \"\(key)\", which there is not; choose one of \(choices.joined(separator: ", "))"
    case .sameData(let file):
      "\(file) is given as calibration and as evaluation data, which are never mixed; give two files, "
        + "or only the evaluation data, of which a part is then set aside"
    case .unknownDimension(let name, let choices):
      choices.isEmpty
        ? "the model's inputs leave no dimension open, so \"\(name)\" cannot be set; leave out --dim"
        : "no input of the model has a dimension \"\(name)\"; those left open are \(choices.joined(separator: ", "))"
    case .unusableStore(let path, let reason):
      "the sessions in \(path) cannot be used: \(reason); make the file readable and writable, move it away, or set "
        + "XDG_STATE_HOME to another folder"
    case .invalidExport(let reason):
      "the compressed model would be a file that other runtimes refuse, so nothing is written: \(reason); "
        + "try another recipe or another --opset, and report this"
    case .fileExists(let path):
      "\(path) already exists; choose another name, or pass --force to replace it"
    }
  }
}
