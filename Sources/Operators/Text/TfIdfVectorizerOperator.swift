import GraphIR
import TensorCore

/// TfIdfVectorizer: counts of n-grams from a pool, with skips, as counts, weights, or their product.
///
/// Tokens are texts or integers, [C] or [N, C]. The pool lists the n-grams one length after another; `ngram_counts` says
/// where each length begins, `ngram_indexes` which column of the output each n-gram counts in.
struct TfIdfVectorizerOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["TfIdfVectorizer"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("it reads text") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let input = try call.tensor(0, of: [.string, .int32, .int64])
    guard input.shape.rank == 1 || input.shape.rank == 2 else {
      throw call.inputError(0, expected: "of rank 1 or 2")
    }
    let tokens = input.dataType == .string ? input.strings : input.integers.map { "\($0)" }
    let pool = try Pool(call, isText: input.dataType == .string)
    let width = input.shape[input.shape.rank - 1]
    let rows = input.shape.rank == 1 ? 1 : input.shape[0]
    let site = try call.site()
    let shape = try site.shape((input.shape.rank == 1 ? [] : [rows]) + [pool.columns])
    var values = [Float](repeating: 0, count: shape.count)
    for row in 0..<rows {
      let line = Array(tokens[row * width..<(row + 1) * width])
      var counts = [Float](repeating: 0, count: pool.columns)
      pool.count(line) { counts[$0] += 1 }
      for column in 0..<pool.columns {
        values[row * pool.columns + column] = pool.weigh(counts[column], column)
      }
    }
    return [.tensor(try Tensor(shape: shape, values))]
  }

  private struct Pool {
    var columns = 0
    private var places: [[String]: [Int]] = [:]
    private var lengths: ClosedRange<Int>
    private var longestSkip: Int
    private var weights: [Int: Float] = [:]
    private var mode: String

    init(_ call: OperatorCall, isText: Bool) throws {
      let site = OperatorSite(node: call.node, opset: call.opset, inputs: [], constants: [])
      mode = try site.string("mode", default: "TF", choices: ["TF", "IDF", "TFIDF"])
      let shortest = try site.int("min_gram_length", default: 1)
      let longest = try site.int("max_gram_length", default: 1)
      guard shortest >= 1, longest >= shortest, longest <= 64 else {
        throw site.attributeError(
          "max_gram_length", expected: "at least min_gram_length, up to 64", found: "\(longest)")
      }
      lengths = shortest...longest
      longestSkip = try site.int("max_skip_count", default: 0)
      guard (0...(1 << 20)).contains(longestSkip) else {
        throw site.attributeError("max_skip_count", expected: "at least 0", found: "\(longestSkip)")
      }
      var words: [String] = []
      if isText, case .strings(let pool)? = call.node.attributes["pool_strings"] { words = pool }
      if !isText { words = (try site.ints("pool_int64s") ?? []).map { "\($0)" } }
      let starts = try site.ints("ngram_counts") ?? []
      let indexes = try site.ints("ngram_indexes") ?? []
      guard indexes.allSatisfy({ (0..<(1 << 26)).contains($0) }) else {
        throw site.attributeError("ngram_indexes", expected: "columns of the output", found: "others")
      }
      columns = (indexes.max() ?? -1) + 1
      let weights = try site.floats("weights") ?? []
      var number = 0
      for (index, start) in starts.enumerated() {
        let end = index + 1 < starts.count ? starts[index + 1] : words.count
        let length = index + 1
        guard start >= 0, end >= start, end <= words.count, (end - start) % length == 0 else {
          throw site.attributeError(
            "ngram_counts", expected: "places in the pool of \(words.count)", found: "\(starts)")
        }
        for at in stride(from: start, to: end, by: length) {
          guard number < indexes.count else {
            throw site.attributeError("ngram_indexes", expected: "one per n-gram", found: "\(indexes.count)")
          }
          if lengths.contains(length) {
            places[Array(words[at..<at + length]), default: []].append(indexes[number])
          }
          if number < weights.count { self.weights[indexes[number]] = weights[number] }
          number += 1
        }
      }
    }

    /// Calls `body` with the column of every n-gram found; those of one token count once, whatever the skip.
    func count(_ line: [String], _ body: (Int) -> Void) {
      for length in lengths {
        for skip in 0...(length == 1 ? 0 : longestSkip) {
          let extent = (length - 1) * (skip + 1) + 1
          guard extent <= line.count else { break }
          for start in 0...line.count - extent {
            let gram = (0..<length).map { line[start + $0 * (skip + 1)] }
            places[gram]?.forEach(body)
          }
        }
      }
    }

    func weigh(_ count: Float, _ column: Int) -> Float {
      let weight = weights[column] ?? 1
      switch mode {
      case "IDF": return count > 0 ? weight : 0
      case "TFIDF": return count * weight
      default: return count
      }
    }
  }
}
