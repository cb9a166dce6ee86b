import GraphIR
import TensorCore

/// Where one output place of an axis takes its value from: `low * (1 - weight) + high * weight`.
struct ResizeSample: Sendable {
  let low: Int
  let high: Int
  let weight: Float
}

/// The sizes and scales a Resize or Upsample asks for.
struct ResizeTarget {
  let sizes: [Int]
  let scales: [Double]

  init(_ site: OperatorSite) throws {
    let shape = try site.input(0).shape
    let isUpsample = site.kind.type == "Upsample"
    let hasRegion = !isUpsample && site.opset >= 11
    let scalesInput = hasRegion ? 2 : 1
    let axes = try site.opset >= 18 ? site.ints("axes") : nil
    let places = try axes.map { try site.axes($0, rank: shape.rank) } ?? Array(0..<shape.rank)
    var sizes = shape.dimensions
    var scales = [Double](repeating: 1, count: shape.rank)

    if hasRegion, let wanted = try site.constantIntegers(3), !wanted.isEmpty {
      guard wanted.count == places.count,
        wanted.allSatisfy({ (1...OperatorSite.magnitudeLimit).contains($0) })
      else {
        throw site.attributeError("sizes", expected: "\(places.count) positive integers", found: "\(wanted)")
      }
      for (index, axis) in places.enumerated() {
        guard shape[axis] > 0 else { throw site.inputError(0, expected: "not empty along axis \(axis)") }
        scales[axis] = Double(wanted[index]) / Double(shape[axis])
      }
      try Self.keepAspect(site, &scales, places)
      let isStretched = try site.string(
        "keep_aspect_ratio_policy", default: "stretch", choices: ["stretch", "not_larger", "not_smaller"])
      for (index, axis) in places.enumerated() {
        sizes[axis] =
          isStretched == "stretch"
          ? wanted[index]
          : Int(Int64(saturating: (Double(shape[axis]) * scales[axis]).rounded(.toNearestOrAwayFromZero)))
      }
    } else {
      let given =
        isUpsample && site.opset < 9
        ? try site.floats("scales") : try site.constant(scalesInput)?.floats
      guard let given, given.count == places.count,
        given.allSatisfy({ $0.isFinite && $0 > 0 && $0 <= Float(OperatorSite.magnitudeLimit) })
      else {
        throw site.attributeError(
          "scales", expected: "\(places.count) positive numbers", found: "something else")
      }
      for (index, axis) in places.enumerated() {
        scales[axis] = Double(given[index])
        sizes[axis] = Int(Int64(saturating: Double(shape[axis]) * Double(given[index])))
      }
    }
    self.sizes = sizes
    self.scales = scales
  }

  /// One scale for all axes, the smallest or largest that the sizes ask for.
  private static func keepAspect(_ site: OperatorSite, _ scales: inout [Double], _ places: [Int]) throws {
    let wanted = places.map { scales[$0] }
    let common: Double? =
      switch try site.string(
        "keep_aspect_ratio_policy", default: "stretch", choices: ["stretch", "not_larger", "not_smaller"])
      {
      case "not_larger": wanted.min()
      case "not_smaller": wanted.max()
      default: nil
      }
    if let common { for axis in places { scales[axis] = common } }
  }
}

/// How output places map to input places.
struct ResizeSampling: Sendable {
  private enum Coordinates: String {
    case halfPixel = "half_pixel"
    case torchHalfPixel = "pytorch_half_pixel"
    case alignedCorners = "align_corners"
    case asymmetric
    case symmetricHalfPixel = "half_pixel_symmetric"
  }
  private enum Rounding: String {
    case preferFloor = "round_prefer_floor"
    case preferCeiling = "round_prefer_ceil"
    case floor
    case ceiling = "ceil"
  }

  let isLinear: Bool
  private let coordinates: Coordinates
  private let rounding: Rounding

  init(_ site: OperatorSite) throws {
    let mode = try site.string("mode", default: "nearest", choices: ["nearest", "linear", "bilinear"])
    isLinear = mode != "nearest"
    guard try !site.flag("antialias") else {
      throw site.attributeError("antialias", expected: "0", found: "1")
    }
    // Before opset 11 places were scaled from the corner and rounded down.
    let isOld = site.kind.type == "Upsample" || site.opset < 11
    let named = try site.string(
      "coordinate_transformation_mode", default: isOld ? "asymmetric" : "half_pixel",
      choices: ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric"])
    coordinates = Coordinates(rawValue: named) ?? .halfPixel
    let rounded = try site.string(
      "nearest_mode", default: isOld ? "floor" : "round_prefer_floor",
      choices: ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
    rounding = Rounding(rawValue: rounded) ?? .preferFloor
  }

  /// One sample for each of `size` places over an axis of `length`.
  func samples(length: Int, size: Int, scale: Double) -> [ResizeSample] {
    (0..<size).map { place in
      // Runtimes compute places in float32; half-way cases depend on it.
      let at = coordinate(Float(place), Float(length), Float(size), Float(scale))
      if !isLinear {
        let index = min(max(nearest(at), 0), length - 1)
        return ResizeSample(low: index, high: index, weight: 0)
      }
      let inside = min(max(at, 0), Float(length - 1))
      let low = Int(inside.rounded(.down))
      return ResizeSample(low: low, high: min(low + 1, length - 1), weight: inside - Float(low))
    }
  }

  private func coordinate(_ place: Float, _ length: Float, _ size: Float, _ scale: Float) -> Float {
    switch coordinates {
    case .asymmetric: place / scale
    case .halfPixel: (place + 0.5) / scale - 0.5
    case .torchHalfPixel: size > 1 ? (place + 0.5) / scale - 0.5 : 0
    case .alignedCorners: size > 1 ? place * (length - 1) / (size - 1) : 0
    case .symmetricHalfPixel:
      length / 2 * (1 - size / (scale * length)) + (place + 0.5) / scale - 0.5
    }
  }

  private func nearest(_ at: Float) -> Int {
    switch rounding {
    case .floor: Int(at.rounded(.down))
    case .ceiling: Int(at.rounded(.up))
    case .preferFloor: Int((at - 0.5).rounded(.up))
    case .preferCeiling: Int((at + 0.5).rounded(.down))
    }
  }
}
