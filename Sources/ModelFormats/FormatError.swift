/// What can be wrong with a file that is read or written. Each case names the file, what was expected and
/// found, and its sentence ends with the way out.
package enum FormatError: Error, Equatable, CustomStringConvertible {
  // Files
  case fileNotFound(file: String)
  case unreadable(file: String, reason: String)
  case notAFile(file: String)
  case emptyFile(file: String)
  case truncated(file: String, part: String)
  case tooLarge(file: String, part: String, bytes: Int, limit: Int, wayOut: String)
  case unwritable(file: String, reason: String)
  case diskFull(file: String)

  // ONNX
  case notONNX(file: String, reason: String)
  case noGraph(file: String)
  case nestedTooDeep(file: String)
  case unsupportedOpset(file: String, found: Int, supported: ClosedRange<Int>)
  case unsupportedDataType(file: String, value: String, type: String)
  case invalidTensor(file: String, tensor: String, expected: String, found: String)
  case invalidValue(file: String, value: String, expected: String, found: String)
  case invalidNode(file: String, node: String, kind: String, expected: String, found: String)
  case invalidGraph(file: String, reason: String)
  case duplicateName(file: String, what: String, name: String)
  case externalData(file: String, tensor: String, location: String, reason: String)
  case opsetTooLow(wanted: Int, needed: Int)
  case opsetNotWritten(wanted: Int, written: ClosedRange<Int>)
  case notUpgradable(node: String, kind: String, from: Int, to: Int, reason: String)

  // Arrays and data sets
  case unknownArrayFormat(file: String)
  case invalidArray(file: String, array: String, expected: String, found: String)
  case invalidArchive(file: String, entry: String, reason: String)
  case invalidLine(file: String, line: Int, expected: String, found: String)
  case missingArray(file: String, wanted: [String], found: [String])
  case missingLabels(file: String, found: [String])
  case shapeMismatch(file: String, input: String, expected: String, found: String)
  case countMismatch(file: String, samples: Int, labels: Int)
  case invalidLabels(file: String, expected: String, found: String)
  case labelOutOfRange(label: Int, sample: Int, classes: Int)
  case nonFiniteData(file: String, array: String, sample: Int)
  case invalidPreprocessing(what: String, expected: String, found: String)

  // Cards and folders
  case invalidCard(file: String, key: String, expected: String, found: String)
  case noModel(folder: String, found: [String])

  package var description: String {
    switch self {
    case .fileNotFound(let file):
      "\(file.shown) does not exist; check the path"
    case .unreadable(let file, let reason):
      "\(file.shown) cannot be read: \(reason)"
    case .notAFile(let file):
      "\(file.shown) is not a regular file; give the path of a file"
    case .emptyFile(let file):
      "\(file.shown) is empty; copy or export it again"
    case .truncated(let file, let part):
      "\(file.shown) ends in the middle of \(part.shown); copy or export it again"
    case .tooLarge(let file, let part, let bytes, let limit, let wayOut):
      "\(file.shown): \(part.shown) takes \(bytes) bytes, more than the \(limit) that are read; \(wayOut)"
    case .unwritable(let file, let reason):
      "\(file.shown) cannot be written: \(reason)"
    case .diskFull(let file):
      "\(file.shown) cannot be written: the disk is full; free some space or choose another folder"

    case .notONNX(let file, let reason):
      "\(file.shown) is not an ONNX model (\(reason.shown)); export the model to ONNX first"
    case .noGraph(let file):
      "\(file.shown) holds no graph; it is not an ONNX model or is incomplete, export it again"
    case .nestedTooDeep(let file):
      "\(file.shown) nests graphs deeper than any real model; export it again"
    case .unsupportedOpset(let file, let found, let supported):
      "\(file.shown) uses ONNX operator set \(found), but \(supported.lowerBound) to \(supported.upperBound) "
        + "are read; export it with one of these"
    case .unsupportedDataType(let file, let value, let type):
      "\(file.shown): \"\(value.shown)\" has the element type \(type), which is not supported; "
        + "export the model with floats or integers"
    case .invalidTensor(let file, let tensor, let expected, let found):
      "\(file.shown): tensor \"\(tensor.shown)\" needs \(expected), but has \(found.shown); "
        + "export the model again"
    case .invalidValue(let file, let value, let expected, let found):
      "\(file.shown): \"\(value.shown)\" needs \(expected), but has \(found.shown); export the model again"
    case .invalidNode(let file, let node, let kind, let expected, let found):
      "\(file.shown): node \"\(node.shown)\" (\(kind.shown)) needs \(expected), but has \(found.shown); "
        + "export the model again"
    case .invalidGraph(let file, let reason):
      "\(file.shown): \(reason.shown(400))"
    case .duplicateName(let file, let what, let name):
      "\(file.shown) has two \(what) named \"\(name.shown)\"; names must be unique, export the model again"
    case .externalData(let file, let tensor, let location, let reason):
      "\(file.shown): the data of tensor \"\(tensor.shown)\" in \"\(location.shown)\" cannot be used: "
        + "\(reason.shown); keep the data files in the model's folder"
    case .opsetTooLow(let wanted, let needed):
      "the model cannot be written in operator set \(wanted): it needs \(needed) or later; leave --opset out"
    case .opsetNotWritten(let wanted, let written):
      "the model cannot be written in operator set \(wanted), but in its own and in those from "
        + "\(written.lowerBound) to \(written.upperBound); choose one of these"
    case .notUpgradable(let node, let kind, let from, let to, let reason):
      "node \"\(node.shown)\" (\(kind.shown)) cannot be brought from operator set \(from) to \(to): "
        + "\(reason.shown); export the original model with operator set \(to) or later"

    case .unknownArrayFormat(let file):
      "\(file.shown) is neither npz, npy, idx (plain or gzipped) nor csv; convert the data to one of these"
    case .invalidArray(let file, let array, let expected, let found):
      "\(file.shown): array \"\(array.shown)\" needs \(expected), but has \(found.shown); save it again"
    case .invalidArchive(let file, let entry, let reason):
      "\(file.shown): entry \"\(entry.shown)\" is damaged (\(reason.shown)); copy or save the file again"
    case .invalidLine(let file, let line, let expected, let found):
      "\(file.shown), line \(line): expected \(expected), found \"\(found.shown)\"; correct the line"
    case .missingArray(let file, let wanted, let found):
      "\(file.shown) needs an array named \(wanted.shownList(" or ")), but has \(found.shownList(", ")); "
        + "save the data under one of these names"
    case .missingLabels(let file, let found):
      "\(file.shown) holds no labels (an array named y, labels or targets), only \(found.shownList(", ")); "
        + "add them or evaluate fidelity to the original"
    case .shapeMismatch(let file, let input, let expected, let found):
      "\(file.shown): the model's input \"\(input.shown)\" takes \(expected.shown), "
        + "but the data is \(found.shown); reshape the data"
    case .countMismatch(let file, let samples, let labels):
      "\(file.shown) has \(samples) samples but \(labels) labels or other inputs; save as many of each"
    case .invalidLabels(let file, let expected, let found):
      "\(file.shown): the labels need \(expected), but are \(found.shown); save them again"
    case .labelOutOfRange(let label, let sample, let classes):
      "sample \(sample) has label \(label), but the model's output has \(classes) classes "
        + "(0 to \(classes - 1)); check that the data belongs to this model"
    case .nonFiniteData(let file, let array, let sample):
      "\(file.shown): array \"\(array.shown)\" has NaN or infinity in sample \(sample); clean the data first"
    case .invalidPreprocessing(let what, let expected, let found):
      "the preprocessing's \(what) needs \(expected), but has \(found.shown); correct the card or the flag"

    case .invalidCard(let file, let key, let expected, let found):
      "\(file.shown): \(key.shown) needs \(expected), but is \(found.shown); correct the card"
    case .noModel(let folder, let found):
      found.isEmpty
        ? "\(folder.shown) holds no ONNX model; give the path of a .onnx file"
        : "\(folder.shown) holds several models (\(found.shownList(", "))) and none is model.onnx; "
          + "name one of them"
    }
  }
}

extension String {
  /// As it may stand in a sentence on a terminal: no control characters, at most 120 characters.
  var shown: String { shown(120) }

  func shown(_ limit: Int) -> String {
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars.prefix(limit) {
      let isControl =
        scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
      result.append(isControl ? "?" : scalar)
    }
    return String(result) + (unicodeScalars.count > limit ? "..." : "")
  }
}

extension [String] {
  /// The first few, quoted.
  func shownList(_ separator: String) -> String {
    if isEmpty { return "none" }
    let quoted = prefix(6).map { "\"\($0.shown(40))\"" }.joined(separator: separator)
    return quoted + (count > 6 ? " and \(count - 6) more" : "")
  }
}
