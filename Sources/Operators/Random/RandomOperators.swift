import Glibc
import GraphIR
import Kernels
import TensorCore

/// RandomNormal, RandomUniform, their -Like forms, and Bernoulli. Without a seed, the node's name seeds it, so that runs can be
/// repeated; which numbers a seed gives is not specified by ONNX.
struct RandomOperator: Operator {
  let kinds: [OperatorKind] = [
    "RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Bernoulli",
  ]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .opaque("its output is drawn at random", promises: .random)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let isLike = site.kind.type.hasSuffix("Like") || site.kind == "Bernoulli"
    let input = isLike ? try site.input(0) : nil
    var type = input?.dataType ?? .float32
    if let code = try site.int("dtype") {
      guard let named = DataType(onnxCode: code) else {
        throw site.attributeError("dtype", expected: "the code of a type", found: "\(code)")
      }
      type = named
    }
    let allowed = site.kind == "Bernoulli" ? DataType.plain : DataType.real
    guard allowed.contains(type) else {
      throw site.attributeError("dtype", expected: "a numeric type", found: type.rawValue)
    }
    if site.kind == "Bernoulli" { try site.input(0, of: DataType.real) }
    return [TensorType(type, try input?.shape ?? site.shape(try site.ints("shape") ?? []))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let seed = try RandomSeed.seed(site)
    let target = ElementAccess(type: outputs[0].dataType)
    let count = outputs[0].shape.count
    let (mean, deviation) = (
      Double(try site.float("mean", default: 0)), Double(try site.float("scale", default: 1))
    )
    let (low, high) = (Double(try site.float("low", default: 0)), Double(try site.float("high", default: 1)))
    let kind = site.kind.type
    let source = kind == "Bernoulli" ? ElementAccess(type: try site.input(0).dataType) : nil
    return OperatorBody { arguments in
      guard let output = arguments.outputs[0] else { return }
      var random = SeededGenerator(seed: seed)
      for index in 0..<count {
        let uniform = random.unit()
        let value: Double
        if let source {
          value = uniform < source.read(arguments.input(0, as: UInt8.self), index) ? 1 : 0
        } else if kind.hasPrefix("RandomNormal") {
          // Box and Muller 1958, doi:10.1214/aoms/1177706645.
          value = mean + deviation * (-2 * log(1 - uniform)).squareRoot() * cos(2 * .pi * random.unit())
        } else {
          value = low + (high - low) * uniform
        }
        target.write(value, to: output, index)
      }
    }
  }
}

/// Multinomial: classes drawn for every row of unnormalized log probabilities [N, classes].
struct MultinomialOperator: Operator {
  let kinds: [OperatorKind] = ["Multinomial"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .opaque("its output is drawn at random", promises: .random)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    let count = try site.int("sample_size", default: 1)
    let code = try site.int("dtype", default: 6)
    guard type.shape.rank == 2, type.shape[1] >= 1, count >= 0 else {
      throw site.inputError(0, expected: "of shape [N, classes]")
    }
    guard code == 6 || code == 7 else {
      throw site.attributeError("dtype", expected: "6 or 7", found: "\(code)")
    }
    return [TensorType(code == 6 ? .int32 : .int64, try site.shape([type.shape[0], count]))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let seed = try RandomSeed.seed(site)
    let shape = try site.input(0).shape
    let draws = outputs[0].shape[1]
    let (source, target) = (
      ElementAccess(type: try site.input(0).dataType), ElementAccess(type: outputs[0].dataType)
    )
    return OperatorBody { arguments in
      guard let output = arguments.outputs[0] else { return }
      var random = SeededGenerator(seed: seed)
      for row in 0..<shape[0] {
        var sums: [Double] = []
        let logits = (0..<shape[1]).map {
          source.read(arguments.input(0, as: UInt8.self), row * shape[1] + $0)
        }
        let peak = logits.max() ?? 0
        for logit in logits { sums.append((sums.last ?? 0) + exp(logit - peak)) }
        for draw in 0..<draws {
          let point = random.unit() * (sums.last ?? 0)
          let place = sums.firstIndex { point < $0 } ?? sums.count - 1
          target.write(Double(place), to: output, row * draws + draw)
        }
      }
    }
  }
}

enum RandomSeed {
  /// The attribute `seed`, or one made from the node's name.
  static func seed(_ site: OperatorSite) throws -> UInt64 {
    if site.node.attributes["seed"] != nil {
      return UInt64(try site.float("seed", default: 0).bitPattern)
    }
    // FNV-1a, since Swift's own hashes differ from run to run.
    return site.node.name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}

extension SeededGenerator {
  /// Uniform in [0, 1), from 53 random bits.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
