import GraphIR
import TensorCore

/// A weight as a matrix [outputs, depth], row-major: one row per output, in the order in which inputs are gathered.
struct LayerMatrix: Sendable {
  enum Form: Sendable {
    case float([Float])
    /// Bit patterns of 16-bit floats.
    case half([UInt16], isBrain: Bool)
    /// `weight = scale * (code - zeroPoint)`, one scale (and zero point, unless all are zero) per output.
    case codes([Int8], bits: WeightBits, scales: [Float], zeroPoints: [Int32])
    case grouped(GroupedCodes)
  }

  /// Codes with a scale (and zero point, unless all are zero) for each run of `size` inputs, [outputs, runs] by rows.
  struct GroupedCodes: Sendable {
    let codes: [Int8]
    let bits: WeightBits
    /// What each code from the lowest on stands for; empty where it is the number itself.
    let levels: [Float]
    let size: Int
    let scales: [Float]
    let zeroPoints: [Int32]
  }

  let outputs: Int
  let depth: Int
  let form: Form
  let nonzeros: Int
  /// Whether a quantized weight had to become float, since its scales do not belong to outputs.
  let lostCodes: Bool

  var density: Double { nonzeros == 0 ? 0 : Double(nonzeros) / Double(outputs * depth) }

  /// Takes the element for (output n, step k) from `start + n * outputStride + offsets[k]` of the weight.
  /// - Parameter outputAxis: the axis of the weight that runs over outputs.
  /// - Parameter factors: multiplies each output's weights, as a following normalization does.
  init(
    _ weight: Weight, outputs: Int, outputAxis: Int, start: Int, outputStride: Int, offsets: [Int],
    factors: [Float]?
  ) {
    self.outputs = outputs
    depth = offsets.count
    let firstChannel = outputStride == 0 ? 0 : start / outputStride
    switch weight {
    case .quantized(let tensor)
    where tensor.hasPlainScales
      && (tensor.axis == nil || tensor.axis == outputAxis || tensor.scales.count == 1):
      let codes = tensor.codes.withUnsafeBufferPointer {
        LayerMatrix.gather(
          $0, outputs: outputs, start: start, outputStride: outputStride, offsets: offsets)
      }
      let perTensor = tensor.scales.count == 1
      let channel = { (n: Int) in perTensor ? 0 : firstChannel + n }
      let scales = (0..<outputs).map { tensor.scales[channel($0)] * (factors?[$0] ?? 1) }
      let zeroPoints =
        tensor.zeroPoints.allSatisfy { $0 == 0 } ? [] : (0..<outputs).map { tensor.zeroPoints[channel($0)] }
      nonzeros = LayerMatrix.count(codes, outputs: outputs, zeroPoints: zeroPoints)
      form = .codes(codes, bits: tensor.bits, scales: scales, zeroPoints: zeroPoints)
      lostCodes = false
    case .quantized(let tensor)
    where (tensor.axis == outputAxis || tensor.axis == nil && outputs == 1)
      && tensor.channelLength == offsets.count
      && zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 }:
      // Runs of a channel are runs of a row, since its elements come in their own order.
      let codes = tensor.codes.withUnsafeBufferPointer {
        LayerMatrix.gather($0, outputs: outputs, start: start, outputStride: outputStride, offsets: offsets)
      }
      let runs = tensor.groupsPerChannel
      let own = firstChannel * runs..<(firstChannel + outputs) * runs
      var scales = Array(tensor.scales[own])
      if let factors { for index in scales.indices { scales[index] *= factors[index / runs] } }
      let grouped = GroupedCodes(
        codes: codes, bits: tensor.bits, levels: tensor.format.levels,
        size: tensor.groupSize ?? offsets.count,
        scales: scales, zeroPoints: tensor.zeroPoints.isEmpty ? [] : Array(tensor.zeroPoints[own]))
      form = .grouped(grouped)
      nonzeros = LayerMatrix.count(LayerMatrix.values(of: grouped, depth: offsets.count), otherThan: 0)
      lostCodes = false
    case .dense(let tensor) where tensor.dataType.byteCount == 2 && factors == nil:
      let source = tensor.bytes.bindMemory(to: UInt16.self)
      let values = withExtendedLifetime(tensor) {
        LayerMatrix.gather(
          source, outputs: outputs, start: start, outputStride: outputStride, offsets: offsets)
      }
      // Both zeros have all other bits clear.
      nonzeros = values.reduce(0) { $0 + ($1 & 0x7FFF != 0 ? 1 : 0) }
      form = .half(values, isBrain: tensor.dataType == .bfloat16)
      lostCodes = false
    case .dense, .quantized:
      let tensor = weight.tensor
      var values = LayerMatrix.floats(of: tensor) { source in
        LayerMatrix.gather(
          source, outputs: outputs, start: start, outputStride: outputStride, offsets: offsets)
      }
      if let factors {
        for n in 0..<outputs {
          for k in n * depth..<(n + 1) * depth { values[k] *= factors[n] }
        }
      }
      nonzeros = LayerMatrix.count(values, otherThan: 0)
      form = .float(values)
      if case .quantized = weight { lostCodes = true } else { lostCodes = false }
    }
  }

  /// The rows of some outputs, in the same form.
  func slice(_ range: Range<Int>) -> LayerMatrix {
    let elements = range.lowerBound * depth..<range.upperBound * depth
    let part: Form =
      switch form {
      case .float(let values): .float(Array(values[elements]))
      case .half(let values, let isBrain): .half(Array(values[elements]), isBrain: isBrain)
      case .codes(let codes, let bits, let scales, let zeroPoints):
        .codes(
          Array(codes[elements]), bits: bits, scales: Array(scales[range]),
          zeroPoints: zeroPoints.isEmpty ? [] : Array(zeroPoints[range]))
      case .grouped(let grouped):
        .grouped(grouped.slice(range, depth: depth))
      }
    return LayerMatrix(
      outputs: range.count, depth: depth, form: part, nonzeros: nonzeros * range.count / max(1, outputs),
      lostCodes: lostCodes)
  }

  private init(outputs: Int, depth: Int, form: Form, nonzeros: Int, lostCodes: Bool) {
    self.outputs = outputs
    self.depth = depth
    self.form = form
    self.nonzeros = nonzeros
    self.lostCodes = lostCodes
  }

  /// The weights as floats, whatever the form.
  var floats: [Float] {
    switch form {
    case .float(let values): values
    case .half(let values, let isBrain):
      values.map { isBrain ? BFloat16(bitPattern: $0).float : Float(Float16(bitPattern: $0)) }
    case .codes(let codes, _, let scales, let zeroPoints):
      codes.indices.map { index in
        let n = index / depth
        return scales[n] * Float(Int32(codes[index]) - (zeroPoints.isEmpty ? 0 : zeroPoints[n]))
      }
    case .grouped(let grouped): LayerMatrix.values(of: grouped, depth: depth)
    }
  }

  private static func values(of grouped: GroupedCodes, depth: Int) -> [Float] {
    let runs = max(1, (depth + grouped.size - 1) / grouped.size)
    let lowest = grouped.bits.codeRange.lowerBound
    return grouped.codes.indices.map { index in
      let place = index / depth * runs + index % depth / grouped.size
      let code = Int(grouped.codes[index])
      guard grouped.levels.isEmpty else { return grouped.scales[place] * grouped.levels[code - lowest] }
      return grouped.scales[place]
        * Float(code - Int(grouped.zeroPoints.isEmpty ? 0 : grouped.zeroPoints[place]))
    }
  }

  private static func floats(of tensor: Tensor, _ body: (UnsafeBufferPointer<Float>) -> [Float]) -> [Float] {
    if tensor.dataType == .float32 {
      return withExtendedLifetime(tensor) { body(tensor.bytes.bindMemory(to: Float.self)) }
    }
    return tensor.floats.withUnsafeBufferPointer(body)
  }

  private static func count(_ codes: [Int8], outputs: Int, zeroPoints: [Int32]) -> Int {
    if zeroPoints.isEmpty { return count(codes, otherThan: 0) }
    let depth = outputs == 0 ? 0 : codes.count / outputs
    return codes.indices.reduce(0) { $0 + (Int32(codes[$1]) != zeroPoints[$1 / depth] ? 1 : 0) }
  }

  /// Elements that differ from `zero`, in a loop that vectorizes.
  private static func count<Element: Equatable>(_ values: [Element], otherThan zero: Element) -> Int {
    values.withUnsafeBufferPointer { values in
      var count = 0
      for value in values { count &+= value == zero ? 0 : 1 }
      return count
    }
  }

  private static func gather<Element: BitwiseCopyable>(
    _ source: UnsafeBufferPointer<Element>, outputs: Int, start: Int, outputStride: Int, offsets: [Int]
  ) -> [Element] {
    let depth = offsets.count
    let inOrder = offsets.indices.allSatisfy { offsets[$0] == $0 }
    return [Element](unsafeUninitializedCapacity: outputs * depth) { result, count in
      count = outputs * depth
      if inOrder && outputStride == depth {
        _ = result.update(fromContentsOf: source[start..<start + count])
      } else if outputStride == 1 {
        // A transpose: sixteen outputs at a time, so that reads and writes both use whole cache lines.
        for first in stride(from: 0, to: outputs, by: 16) {
          let last = min(outputs, first + 16)
          for k in 0..<depth {
            let column = start + offsets[k]
            for n in first..<last { result[n * depth + k] = source[column + n] }
          }
        }
      } else {
        for n in 0..<outputs {
          let row = start + n * outputStride
          for k in 0..<depth { result[n * depth + k] = source[row + offsets[k]] }
        }
      }
    }
  }
}

extension LayerMatrix.GroupedCodes {
  fileprivate func slice(_ range: Range<Int>, depth: Int) -> LayerMatrix.GroupedCodes {
    let runs = max(1, (depth + size - 1) / size)
    let own = range.lowerBound * runs..<range.upperBound * runs
    return LayerMatrix.GroupedCodes(
      codes: Array(codes[range.lowerBound * depth..<range.upperBound * depth]), bits: bits, levels: levels,
      size: size,
      scales: Array(scales[own]), zeroPoints: zeroPoints.isEmpty ? [] : Array(zeroPoints[own]))
  }
}
