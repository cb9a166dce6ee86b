import GraphIR
import Kernels
import TensorCore

/// MatMulInteger: (A - a zero) (B - b zero) in int32. QLinearMatMul: the same, scaled and made codes again.
///
/// Zero points (and scales of QLinearMatMul) are one for all, or one per row of A or column of B.
struct IntegerMatMulOperator: Operator {
  let kinds: [OperatorKind] = ["MatMulInteger", "QLinearMatMul"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.product) }

  /// Which inputs hold what.
  private struct Places {
    let b, aZero, bZero: Int
    let isLinear: Bool

    init(_ site: OperatorSite) {
      isLinear = site.kind.type == "QLinearMatMul"
      (b, aZero, bZero) = isLinear ? (3, 2, 5) : (1, 2, 3)
    }
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let places = Places(site)
    let a = try site.input(0, of: DataType.codes)
    let b = try site.input(places.b, of: DataType.codes)
    let shape = try MatMulShape(site, right: places.b)
    _ = try OperandZeroPoints(site, input: places.aZero, of: a.dataType, count: shape.m)
    _ = try OperandZeroPoints(site, input: places.bZero, of: b.dataType, count: shape.n)
    guard places.isLinear else { return [TensorType(.int32, shape.output)] }
    let type = try site.linearResult(
      scaleCounts: [(1, shape.m), (4, shape.n), (6, 1)], of: [.float32] + DataType.halves)
    return [TensorType(type, shape.output)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchCodes(0, Places(site).b, Visitor(site: site, target: outputs[0].dataType))
  }

  private struct Visitor: CodePairVisitor {
    let site: OperatorSite
    let target: DataType

    func visit<X: CodeElement, W: CodeElement>(_ x: X.Type, _ w: W.Type) throws -> OperatorBody {
      let places = Places(site)
      let shape = try MatMulShape(site, right: places.b)
      let (m, n, k) = (shape.m, shape.n, shape.k)
      let aZeros = try OperandZeroPoints(
        site, input: places.aZero, of: try site.input(0).dataType, count: m)
      let bZeros = try OperandZeroPoints(
        site, input: places.bZero, of: try site.input(places.b).dataType, count: n)
      let scales =
        places.isLinear
        ? try [1, 4, 6].map {
          (access: ElementAccess(type: try site.input($0).dataType), count: try site.input($0).shape.count)
        } : []
      let zeroReader = ZeroPointReader(places.isLinear ? target : nil)
      let requantizer = Requantizer(target: target)
      return OperatorBody { arguments in
        guard let output = arguments.outputs[0] else { return }
        let (a, b) = (arguments.input(0, as: X.self), arguments.input(places.b, as: W.self))
        func scale(_ which: Int, _ index: Int) -> Float {
          let (access, count) = scales[which]
          return Float(
            access.read(arguments.input([1, 4, 6][which], as: UInt8.self), count == 1 ? 0 : index))
        }
        let zero = places.isLinear ? zeroReader.read(arguments.inputs[7], 0) : 0
        shape.forEachBatch { left, right, result in
          for row in 0..<m {
            let aZero = aZeros.read(arguments, row)
            for column in 0..<n {
              let bZero = bZeros.read(arguments, column)
              var sum: Int32 = 0
              for step in 0..<k {
                let x = Int32(a[(left * m + row) * k + step]) &- aZero
                sum &+= x &* (Int32(b[(right * k + step) * n + column]) &- bZero)
              }
              let place = (result * m + row) * n + column
              if places.isLinear {
                let factor = scale(0, row) * scale(1, column) / scale(2, 0)
                requantizer.write(Float(sum) * factor, zero: zero, to: output, place)
              } else {
                output.assumingMemoryBound(to: Int32.self)[place] = sum
              }
            }
          }
        }
      }
    }
  }
}
