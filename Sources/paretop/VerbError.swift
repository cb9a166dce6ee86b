/// What can be wrong with a command line beyond what its grammar says.
enum VerbError: Error, CustomStringConvertible {
  case badOption(String, String, [String])
  case unknownSetting(String, [String])
  case unreadable(String)
  case notText(String)
  case overInput(String)
  case noSample([String])
  case unwritable(String, String)
  case missingArray(String, String, [String])
  case sweepFailures(Int, Int)
  case cannotOpen(String)
  case rawRun
  case noStateFolder
  case noSession(Int64, [Int64])
  case unanswered

  var description: String {
    switch self {
    case .badOption(let option, let found, let allowed):
      "--\(option) is \"\(found)\", but must be one of \(allowed.joined(separator: ", "))"
    case .unknownSetting(let found, let keys):
      "there is no setting \"\(found)\"; the settings are \(keys.joined(separator: ", "))"
    case .notText(let path):
      "\(path) is not UTF-8 text; save it as UTF-8, without zero bytes"
    case .overInput(let path):
      "\(path) is what is read; write to another file"
    case .unreadable(let path):
      "\(path) cannot be read; check the path and its permissions"
    case .noSample(let places):
      "no sample model was found in \(places.joined(separator: ", ")); name a model, or set PARETOP_SAMPLES to the folder"
    case .unwritable(let path, let reason):
      "\(path) cannot be written: \(reason)"
    case .missingArray(let name, let file, let found):
      "the model's input \"\(name)\" is not in \(file), which holds \(found.joined(separator: ", "))"
    case .cannotOpen(let reason): reason
    case .rawRun:
      "run feeds arrays as they are, without scale, mean, std and layout; preprocess the file, or use eval --data"
    case .noStateFolder:
      "neither XDG_STATE_HOME nor HOME is set, so no sessions are kept; set one of them to a folder"
    case .noSession(let number, let kept):
      kept.isEmpty
        ? "there is no session \(number), since none is kept"
        : "there is no session \(number); paretop sessions lists the \(kept.count) that are kept"
    case .unanswered:
      "nobody answered, so nothing was deleted; pass --force to delete without a question"
    case .sweepFailures(let failed, let total):
      "\(failed) of \(total) configurations could not be measured; the others are written"
    }
  }
}
