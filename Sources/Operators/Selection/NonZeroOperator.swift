import GraphIR
import TensorCore

/// NonZero: the coordinates of all elements other than zero, one column each, in row-major order.
struct NonZeroOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["NonZero"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("its output is indices") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let input = try call.tensor(0)
    guard input.dataType != .string else { throw call.inputError(0, expected: "numbers") }
    let places = input.doubles.enumerated().filter { $0.element != 0 }.map(\.offset)
    // numpy sees a scalar as a list of one.
    let shape: Shape = input.shape.rank == 0 ? [1] : input.shape
    let strides = shape.strides
    let result = try Shape([shape.rank, places.count])
    return [
      .tensor(
        Tensor(shape: result, of: Int64.self) { target in
          for axis in 0..<shape.rank {
            for (column, place) in places.enumerated() {
              target[axis * places.count + column] = Int64(place / strides[axis] % max(shape[axis], 1))
            }
          }
        })
    ]
  }
}

/// Compress: the slices along an axis (or the elements, flattened) where a list of Booleans is true. The list may be
/// shorter than the axis.
struct CompressOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["Compress"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("a computed condition picks its elements") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    var input = try call.tensor(0)
    let condition = try call.tensor(1, of: [.bool])
    let site = OperatorSite(node: call.node, opset: call.opset, inputs: [], constants: [])
    var axis = 0
    if let given = try site.int("axis") {
      axis = try site.axis(given, rank: input.shape.rank)
    } else {
      input = try input.reshaped(to: Shape([input.count]))
    }
    guard condition.shape.rank == 1, condition.count <= input.shape[axis] else {
      throw call.inputError(1, expected: "at most \(input.shape[axis]) Booleans")
    }
    let places = condition.integers.enumerated().filter { $0.element != 0 }.map(\.offset)
    return [.tensor(try TensorPieces.picked(input, axis: axis, places: places))]
  }
}

/// Unique: the distinct elements (or slices along an axis), sorted or in order of appearance, with the place of each one's
/// first appearance, the number of each input element among them, and how often each appears.
struct UniqueOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["Unique"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("its output is in an order of its own") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let input = try call.tensor(0)
    let site = OperatorSite(node: call.node, opset: call.opset, inputs: [], constants: [])
    let isSorted = try site.flag("sorted", default: true)
    let axis = try site.int("axis").map { try site.axis($0, rank: input.shape.rank) }
    let data = axis == nil ? try input.reshaped(to: Shape([input.count])) : input
    let lines = AxisLines(shape: data.shape, axis: axis ?? 0)
    let keys = try Keys(data, lines)

    // Places sorted by what stands there; equal ones keep their order, so that the first of each run comes first.
    let order = (0..<lines.count).sorted { keys.isLess($0, $1) || (!keys.isLess($1, $0) && $0 < $1) }
    var (firsts, groups) = ([Int](), [Int](repeating: 0, count: lines.count))
    for (rank, place) in order.enumerated() {
      if rank == 0 || keys.isLess(order[rank - 1], place) { firsts.append(place) }
      groups[place] = firsts.count - 1
    }
    if !isSorted {
      let byAppearance = firsts.indices.sorted { firsts[$0] < firsts[$1] }
      var renamed = [Int](repeating: 0, count: firsts.count)
      for (new, old) in byAppearance.enumerated() { renamed[old] = new }
      firsts = byAppearance.map { firsts[$0] }
      groups = groups.map { renamed[$0] }
    }
    var counts = [Int64](repeating: 0, count: firsts.count)
    for group in groups { counts[group] += 1 }
    let size = try Shape([firsts.count])
    return [
      .tensor(try TensorPieces.picked(data, axis: axis ?? 0, places: firsts)),
      .tensor(try Tensor(shape: size, firsts.map { Int64($0) })),
      .tensor(try Tensor(shape: Shape([groups.count]), groups.map { Int64($0) })),
      .tensor(try Tensor(shape: size, counts)),
    ]
  }

  /// Slices as things to compare, element by element.
  private struct Keys {
    let lines: AxisLines
    let numbers: [Double]
    let texts: [String]
    let integers: [Int]

    init(_ data: Tensor, _ lines: AxisLines) throws {
      self.lines = lines
      texts = data.strings
      // 64-bit integers do not fit float64.
      integers = data.dataType == .int64 || data.dataType == .uint64 ? data.integers : []
      numbers = texts.isEmpty && integers.isEmpty ? data.doubles : []
    }

    func isLess(_ a: Int, _ b: Int) -> Bool {
      for outer in 0..<lines.outer {
        for inner in 0..<lines.inner {
          let (x, y) = (
            (outer * lines.count + a) * lines.inner + inner, (outer * lines.count + b) * lines.inner + inner
          )
          if !texts.isEmpty {
            if texts[x] != texts[y] { return texts[x] < texts[y] }
          } else if !integers.isEmpty {
            if integers[x] != integers[y] { return integers[x] < integers[y] }
          } else if numbers[x] != numbers[y] {
            // NaN stands last, as numpy sorts it.
            if numbers[x].isNaN || numbers[y].isNaN {
              if numbers[x].isNaN && numbers[y].isNaN { continue }
              return numbers[y].isNaN
            }
            return numbers[x] < numbers[y]
          }
        }
      }
      return false
    }
  }
}
