import GraphIR
import Kernels
import TensorCore

/// Where: the second input where the condition holds, else the third; all broadcast, any type.
struct WhereOperator: Operator {
  let kinds: [OperatorKind] = ["Where"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(
      .all,
      .given { _, place in
        switch place {
        case 1: .select(.input(0), .upstream, 0)
        case 2: .select(.input(0), 0, .upstream)
        default: nil
        }
      }, nanoseconds: 0.5)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let condition = try site.input(0, of: [.bool])
    let (a, b) = (try site.input(1), try site.input(2))
    guard a.dataType == b.dataType else {
      throw site.inputError(2, expected: "of type \(a.dataType.rawValue)")
    }
    return [TensorType(a.dataType, try site.broadcast([condition.shape, a.shape, b.shape]))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shapes = try (0..<3).map { try site.input($0).shape }
    let nest = LoopNest(broadcasting: shapes, to: outputs[0].shape)
    switch outputs[0].dataType.byteCount {
    case 1: return body(nest, UInt8.self)
    case 2: return body(nest, UInt16.self)
    case 4: return body(nest, UInt32.self)
    default: return body(nest, UInt64.self)
    }
  }

  private func body<Word: BitwiseCopyable & Sendable>(_ nest: LoopNest, _ word: Word.Type) -> OperatorBody {
    let (count, steps) = (nest.rowCount, nest.rowStrides)
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Word.self) else { return }
      let condition = arguments.input(0, as: UInt8.self)
      let (a, b) = (arguments.input(1, as: Word.self), arguments.input(2, as: Word.self))
      nest.forEachRow { offsets in
        let (test, first, second) = (condition + offsets[0], a + offsets[1], b + offsets[2])
        let target = output + offsets[3]
        for index in 0..<count {
          target[index * steps[3]] =
            test[index * steps[0]] != 0 ? first[index * steps[1]] : second[index * steps[2]]
        }
      }
    }
  }
}
