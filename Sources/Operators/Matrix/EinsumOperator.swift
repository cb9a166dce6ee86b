import GraphIR
import Kernels
import TensorCore

/// Einsum of one to three operands over letters and an ellipsis, with explicit or implicit output; sums element by element.
struct EinsumOperator: Operator {
  let kinds: [OperatorKind] = ["Einsum"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.einsum) }

  private struct Plan: Sendable {
    let output: Shape
    /// Over the output's letters, and over those summed away.
    let kept: LoopNest
    let summed: LoopNest
    let operandCount: Int

    init(_ site: OperatorSite) throws {
      guard case .string(let equation) = site.node.attributes["equation"] else {
        throw site.attributeError("equation", expected: "a string", found: "absent")
      }
      func refused() -> OperatorError {
        site.attributeError(
          "equation", expected: "letters for every axis of 1 to 3 inputs, such as ij,jk->ik",
          found: "\"\(equation)\"")
      }
      let sides = equation.filter { $0 != " " }.split(
        separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let written = sides[0].split(separator: ",", omittingEmptySubsequences: false)
      guard (1...3).contains(written.count), written.count == site.inputs.count else { throw refused() }
      // The axes that an ellipsis stands for get letters of their own, the last axis always the same.
      var ellipsis: [Character] = []
      let terms = try written.enumerated().map { lane, term -> [Character] in
        let pieces = term.ranges(of: "...")
        let rest = term.filter { $0 != "." }
        guard pieces.count <= 1, term.count == rest.count + 3 * pieces.count,
          rest.allSatisfy({ $0.isASCII && $0.isLetter })
        else { throw refused() }
        guard let place = pieces.first else { return Array(term) }
        let hidden = try site.input(lane).shape.rank - rest.count
        guard (0...32).contains(hidden) else { throw refused() }
        let letters = EinsumOperator.hiddenLetters(hidden)
        if letters.count > ellipsis.count { ellipsis = letters }
        return Array(term[..<place.lowerBound]) + letters + Array(term[place.upperBound...])
      }
      var counts: [Character: Int] = [:]
      for letter in terms.joined() { counts[letter, default: 0] += 1 }
      var result = ellipsis + counts.keys.filter { counts[$0] == 1 && $0.isASCII }.sorted()
      if sides.count == 2 {
        guard sides[1].first == ">" else { throw refused() }
        let target = sides[1].dropFirst()
        let place = target.firstRange(of: "...")
        result =
          place.map { Array(target[..<$0.lowerBound]) + ellipsis + Array(target[$0.upperBound...]) }
          ?? Array(target)
      }
      guard Set(result).count == result.count, result.allSatisfy({ counts[$0] != nil }) else {
        throw refused()
      }

      var sizes: [Character: Int] = [:]
      var strides: [Character: SIMD4<Int>] = [:]
      for (lane, term) in terms.enumerated() {
        let shape = try site.input(lane).shape
        guard term.count == shape.rank else { throw refused() }
        for (axis, letter) in term.enumerated() {
          // Axes under an ellipsis broadcast.
          if !letter.isASCII, shape[axis] == 1 {
            sizes[letter] = sizes[letter] ?? 1
            continue
          }
          if !letter.isASCII, sizes[letter] == 1 { sizes[letter] = shape[axis] }
          guard sizes[letter, default: shape[axis]] == shape[axis] else {
            throw site.inputError(lane, expected: "of size \(sizes[letter] ?? 0) for \(letter)")
          }
          sizes[letter] = shape[axis]
          strides[letter, default: .zero][lane] += shape.strides[axis]
        }
      }
      output = try site.shape(result.map { sizes[$0] ?? 1 })
      for (axis, letter) in result.enumerated() { strides[letter, default: .zero][3] = output.strides[axis] }
      func nest(_ letters: [Character]) -> LoopNest {
        LoopNest(extents: letters.map { sizes[$0] ?? 1 }, strides: letters.map { strides[$0] ?? .zero })
      }
      kept = nest(result)
      summed = nest(counts.keys.filter { !result.contains($0) }.sorted())
      operandCount = terms.count
    }
  }

  /// Letters that no equation can write, the last of them always the same.
  private static func hiddenLetters(_ count: Int) -> [Character] {
    (0..<count).reversed().compactMap { Unicode.Scalar(0xE000 + $0).map(Character.init) }
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.numeric + DataType.halves).dataType
    for index in site.inputs.indices { try site.input(index, of: [type]) }
    return [TensorType(type, try Plan(site).output)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatch(0, Visitor(plan: try Plan(site)))
  }

  private struct Visitor: NumericVisitor {
    let plan: Plan

    func visit<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [plan] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let a = arguments.input(0, as: Element.self)
        let b = plan.operandCount > 1 ? arguments.input(1, as: Element.self) : nil
        let c = plan.operandCount > 2 ? arguments.input(2, as: Element.self) : nil
        let (count, steps) = (plan.kept.rowCount, plan.kept.rowStrides)
        let (depth, inner) = (plan.summed.rowCount, plan.summed.rowStrides)
        plan.kept.forEachRow { offsets in
          for index in 0..<count {
            let start = offsets &+ steps &* index
            var sum = Element.Accumulator.zero
            plan.summed.forEachRow { rest in
              var at = start &+ rest
              for _ in 0..<depth {
                var product = a[at[0]].wide
                if let b { product = product.multiplying(b[at[1]].wide) }
                if let c { product = product.multiplying(c[at[2]].wide) }
                sum = sum.adding(product)
                at &+= inner
              }
            }
            output[start[3]] = Element(narrowing: sum)
          }
        }
      }
    }
  }
}
