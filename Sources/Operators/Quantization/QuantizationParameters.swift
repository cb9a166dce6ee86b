import GraphIR
import TensorCore

/// Whether a node has another scale for each channel or block, so that its elements are not treated alike.
@Sendable func hasManyScales(_ site: OperatorSite) -> Bool {
  site.inputs.dropFirst().contains { ($0?.shape.count ?? 1) != 1 }
}

/// Scale and zero point of a QuantizeLinear or DequantizeLinear: one for all, one per index along an axis, or one per
/// block of `block_size` indices along an axis.
struct QuantizationParameters: Sendable {
  /// The data as lines of one scale each: `outer` times over `channels`, `inner` elements.
  let outer: Int
  let channels: Int
  let inner: Int
  /// Indices along the axis that share a scale; 1 where the quantization is not blocked.
  let block: Int
  let isBlocked: Bool

  /// - Throws: for scales or zero points that do not fit the data.
  init(_ site: OperatorSite) throws {
    let data = try site.input(0).shape
    let scale = try site.input(1).shape
    let size = try site.int("block_size", default: 0)
    guard (0...OperatorSite.magnitudeLimit).contains(size) else {
      throw site.attributeError("block_size", expected: "at least 0", found: "\(size)")
    }
    if let zeroPoint = site.optionalInput(2), zeroPoint.shape.count != scale.count {
      throw site.inputError(2, expected: "of \(scale.count) values, as the scale")
    }
    if size > 0 {
      let axis = try site.axis(try site.int("axis", default: 1), rank: data.rank)
      var expected = data.dimensions
      expected[axis] = (expected[axis] + size - 1) / size
      guard scale.dimensions == expected else {
        throw site.inputError(1, expected: "of shape \(expected), one value per block of \(size)")
      }
      let lines = AxisLines(shape: data, axis: axis)
      (outer, channels, inner, block, isBlocked) = (lines.outer, lines.count, lines.inner, size, true)
      return
    }
    (block, isBlocked) = (1, false)
    if scale.count == 1 {
      (outer, channels, inner) = (1, 1, data.count)
      return
    }
    let axis = try site.axis(try site.int("axis", default: 1), rank: data.rank)
    guard scale.rank == 1, scale.count == data[axis] else {
      throw site.inputError(1, expected: "one value, or \(data[axis]) for axis \(axis)")
    }
    let lines = AxisLines(shape: data, axis: axis)
    (outer, channels, inner) = (lines.outer, lines.count, lines.inner)
  }

  /// Calls `body` with each line's offset and channel, where the quantization is not blocked.
  @inline(__always)
  func forEach(_ body: (_ offset: Int, _ channel: Int) -> Void) {
    for block in 0..<outer {
      for channel in 0..<channels { body((block * channels + channel) * inner, channel) }
    }
  }

  /// Which scale an element has.
  @inline(__always)
  func scaleIndex(_ element: Int) -> Int {
    let channel = element / inner % channels
    if !isBlocked { return channel }
    let blocks = (channels + block - 1) / block
    return (element / (inner * channels) * blocks + channel / block) * inner + element % inner
  }
}

extension QuantizationParameters {
  /// Code that converts element by element, for every form that has no kernel.
  func body(
    _ site: OperatorSite, _ output: TensorType, saturates: Bool = true,
    _ convert: @escaping @Sendable (_ x: Double, _ scale: Double, _ zero: Double) -> Double
  ) throws -> OperatorBody {
    let source = ElementAccess(type: try site.input(0).dataType)
    let scaleSource = ElementAccess(type: try site.input(1).dataType)
    let target = ElementAccess(type: output.dataType)
    let zeroPoints = ZeroPointReader(site.optionalInput(2)?.dataType)
    let hasZero = site.optionalInput(2) != nil
    let count = output.shape.count
    return OperatorBody { arguments in
      guard let to = arguments.outputs[0] else { return }
      let (input, scales) = (arguments.input(0, as: UInt8.self), arguments.input(1, as: UInt8.self))
      for index in 0..<count {
        let place = scaleIndex(index)
        let zero = zeroPoints.read(hasZero ? arguments.inputs[2] : nil, place)
        let value = convert(source.read(input, index), scaleSource.read(scales, place), Double(zero))
        target.write(value, to: to, index, saturates: saturates)
      }
    }
  }
}

/// A zero point of any type; 0 where omitted.
struct ZeroPointReader: Sendable {
  private let type: DataType?

  init(_ type: DataType?) { self.type = type }

  func read(_ source: UnsafeRawPointer?, _ index: Int) -> Int32 {
    guard let source, let type else { return 0 }
    switch type {
    case .uint8, .uint4, .uint2: return Int32(source.assumingMemoryBound(to: UInt8.self)[index])
    case .int8, .int4, .int2: return Int32(source.assumingMemoryBound(to: Int8.self)[index])
    case .uint16: return Int32(source.assumingMemoryBound(to: UInt16.self)[index])
    case .int16: return Int32(source.assumingMemoryBound(to: Int16.self)[index])
    case .int32: return source.assumingMemoryBound(to: Int32.self)[index]
    default:
      var value = 0.0
      withUnsafeMutablePointer(to: &value) {
        ElementConversion.load(
          source + index * type.byteCount, type, into: UnsafeMutableBufferPointer(start: $0, count: 1))
      }
      return value.isFinite ? Int32(saturating: value) : 0
    }
  }
}

/// Elements of any type read and written one at a time, for the forms of quantization that have no kernel.
struct ElementAccess: Sendable {
  let type: DataType

  @inline(__always)
  func read(_ source: UnsafeRawPointer, _ index: Int) -> Double {
    var value = 0.0
    withUnsafeMutablePointer(to: &value) {
      ElementConversion.load(
        source + index * type.byteCount, type, into: UnsafeMutableBufferPointer(start: $0, count: 1))
    }
    return value
  }

  @inline(__always)
  func write(_ value: Double, to target: UnsafeMutableRawPointer, _ index: Int, saturates: Bool = true) {
    var value = value
    withUnsafeMutablePointer(to: &value) {
      ElementConversion.store(
        UnsafeMutableBufferPointer(start: $0, count: 1), type, to: target + index * type.byteCount,
        saturates: saturates)
    }
  }
}
