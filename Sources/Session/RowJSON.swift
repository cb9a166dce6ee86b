import Foundation
import Recipes

/// Values as JSON text in a column; equal values give equal text.
enum RowJSON {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// - Parameter log: notes the former names that recipes use.
  static func value<Value: Decodable>(
    _ type: Value.Type, _ text: String, log: RenamingLog? = nil
  ) -> Value? {
    let decoder = JSONDecoder()
    if let log, let key = CodingUserInfoKey.renamings { decoder.userInfo[key] = log }
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try? decoder.decode(type, from: Data(text.utf8))
  }
}
