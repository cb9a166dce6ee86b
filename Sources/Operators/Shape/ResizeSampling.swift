import GraphIR
import TensorCore

/// Where one output place of an axis takes its value from: `low * (1 - weight) + high * weight`.
struct ResizeSample: Sendable {
  let low: Int
  let high: Int
  let weight: Float
}

/// An input place and how much it counts.
struct ResizeTap: Sendable {
  let index: Int
  var weight: Double
}

/// The sizes and scales a Resize or Upsample asks for.
struct ResizeTarget {
  let sizes: [Int]
  let scales: [Double]
  /// Per axis the part of the input that is resized, as fractions.
  let regions: [(start: Double, end: Double)]

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
    var regions = [(start: Double, end: Double)](repeating: (0, 1), count: shape.rank)
    if hasRegion, try ResizeSampling(site).isRegion {
      guard let listed = try site.constant(1)?.doubles, listed.count == 2 * places.count,
        listed.allSatisfy(\.isFinite)
      else { throw site.inputError(1, expected: "\(2 * places.count) numbers that bound a region") }
      for (index, axis) in places.enumerated() {
        regions[axis] = (listed[index], listed[index + places.count])
      }
    }
    self.regions = regions
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
    case region = "tf_crop_and_resize"
  }
  private enum Rounding: String {
    case preferFloor = "round_prefer_floor"
    case preferCeiling = "round_prefer_ceil"
    case floor
    case ceiling = "ceil"
  }

  private enum Mode { case nearest, linear, cubic }

  private let mode: Mode
  private let isAntialiased: Bool
  private let cubicFactor: Double
  private let excludesOutside: Bool
  /// What places outside the input have, where only a region of it is resized.
  let extrapolation: Double
  private let coordinates: Coordinates
  private let rounding: Rounding

  init(_ site: OperatorSite) throws {
    switch try site.string(
      "mode", default: "nearest", choices: ["nearest", "linear", "bilinear", "cubic"])
    {
    case "nearest": mode = .nearest
    case "cubic": mode = .cubic
    default: mode = .linear
    }
    isAntialiased = try site.flag("antialias")
    cubicFactor = Double(try site.float("cubic_coeff_a", default: -0.75))
    excludesOutside = try site.flag("exclude_outside")
    extrapolation = Double(try site.float("extrapolation_value", default: 0))
    // Before opset 11 places were scaled from the corner and rounded down.
    let isOld = site.kind.type == "Upsample" || site.opset < 11
    let named = try site.string(
      "coordinate_transformation_mode", default: isOld ? "asymmetric" : "half_pixel",
      choices: [
        "half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric",
        "tf_crop_and_resize",
      ])
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

  /// Whether values are mixed, which takes a floating-point type.
  var mixes: Bool { mode != .nearest || isRegion }
  var isLinear: Bool { mode == .linear }
  /// Whether only a region of the input is resized.
  var isRegion: Bool { coordinates == .region }
  /// Whether every place has its own list of weights, instead of at most two neighbours.
  var needsTaps: Bool { mode == .cubic || isRegion || (isAntialiased && mode != .nearest) }

  /// The weighted input places of each of `size` output places.
  func taps(length: Int, size: Int, scale: Double, region: (start: Double, end: Double)) -> [[ResizeTap]] {
    (0..<size).map { place in
      var at: Double
      if isRegion {
        let last = Double(length - 1)
        at =
          size > 1
          ? region.start * last + Double(place) * (region.end - region.start) * last / Double(size - 1)
          : 0.5 * (region.start + region.end) * last
        if at < 0 || at > last { return [] }
      } else {
        at = Double(coordinate(Float(place), Float(length), Float(size), Float(scale)))
      }
      if mode == .nearest {
        return [ResizeTap(index: min(max(nearest(Float(at)), 0), length - 1), weight: 1)]
      }
      at = min(max(at, -1e9), 1e9)
      // The neighbour on the left counts as the nearer one: the distance to it lies in (0, 1].
      let base = Int(at.rounded(.up)) - 1
      let ratio = at - Double(base)
      let shrink = isAntialiased ? min(scale, 1) : 1
      let support = mode == .cubic ? 2.0 : 1.0
      let first = Int((-support / shrink).rounded(.down)) + 1
      var taps = (first...1 - first).map { step in
        let place = base + step
        var weight = kernel((Double(step) - ratio) * shrink)
        if excludesOutside, place < 0 || place >= length { weight = 0 }
        return ResizeTap(index: min(max(place, 0), length - 1), weight: weight)
      }
      let sum = taps.reduce(0) { $0 + $1.weight }
      if sum != 0 { for index in taps.indices { taps[index].weight /= sum } }
      return taps
    }
  }

  /// The triangle, or the cubic convolution kernel (Keys 1981, doi:10.1109/TASSP.1981.1163711).
  private func kernel(_ distance: Double) -> Double {
    let x = Swift.abs(distance)
    guard mode == .cubic else { return max(0, 1 - x) }
    let a = cubicFactor
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }

  private func coordinate(_ place: Float, _ length: Float, _ size: Float, _ scale: Float) -> Float {
    switch coordinates {
    case .asymmetric, .region: place / scale
    case .halfPixel: (place + 0.5) / scale - 0.5
    case .torchHalfPixel: size > 1 ? (place + 0.5) / scale - 0.5 : 0
    // The output's own length, as ONNX Runtime has it; ONNX's two tests of fractional scales take the scaled length.
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
