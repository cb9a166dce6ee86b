/// Where the points of a scatter chart stand, in cells of the region it is drawn in.
package struct ScatterLayout: Sendable {
  /// The part that holds the points.
  package let plot: Rect
  package let x: Axis
  package let y: Axis
  package let marker: PlotMarker
  let hasAxes: Bool
  /// The dot of every point, in the plot; nil where it has no place.
  private let dots: [Point?]
  /// Dots across and down.
  private let raster: Size

  init(chart: ScatterChart, size: Size, marker: PlotMarker) {
    self.marker = marker
    y = Axis(
      covering: chart.points.flatMap { [$0.y, $0.spread?.lowerBound ?? $0.y, $0.spread?.upperBound ?? $0.y] }
        + chart.covers, scale: chart.yAxis.scale, tickCount: max(2, min(6, (size.height - 2) / 2)),
      limits: chart.yAxis.limits)
    x = Axis(
      covering: chart.points.map(\.x), scale: chart.xAxis.scale, tickCount: max(2, min(8, size.width / 12)),
      limits: chart.xAxis.limits)
    let gutter = (chart.yAxis.format.labels(for: y).map { DisplayWidth.of($0) }.max() ?? 0) + 1
    hasAxes = size.height >= 5 && size.width >= gutter + 12
    let plot =
      hasAxes
      ? Rect(x: gutter, width: size.width - gutter, height: size.height - 2)
      : Rect(width: size.width, height: size.height)
    self.plot = plot
    let raster = Size(
      width: plot.width * marker.dots.width, height: plot.height * marker.dots.height)
    self.raster = raster
    let (x, y) = (x, y)
    dots = chart.points.map { Self.dot(x: $0.x, y: $0.y, x, y, raster) }
  }

  /// The dot of a pair of values within the plot; nil where it has no place.
  func dot(x valueX: Double, y valueY: Double) -> Point? { Self.dot(x: valueX, y: valueY, x, y, raster) }

  private static func dot(x valueX: Double, y valueY: Double, _ x: Axis, _ y: Axis, _ raster: Size) -> Point?
  {
    guard !raster.isEmpty, let fx = x.fraction(of: valueX), let fy = y.fraction(of: valueY) else {
      return nil
    }
    return Point(
      x: Axis.dot(of: fx, dots: raster.width), y: raster.height - 1 - Axis.dot(of: fy, dots: raster.height))
  }

  /// The dot of a point within the plot.
  func dot(of index: Int) -> Point? { dots.indices.contains(index) ? dots[index] : nil }

  /// The cell of a point in the chart's region; nil if it has no place.
  package func cell(of index: Int) -> Point? {
    dot(of: index).map {
      Point(x: plot.x + $0.x / marker.dots.width, y: plot.y + $0.y / marker.dots.height)
    }
  }

  /// The point nearest to a cell, at most so many columns away (a row counts as two); nil if none is.
  ///
  /// Of points in the same place the last wins: it was drawn over the others of its kind.
  package func nearestPoint(to cell: Point, within reach: Int = 4) -> Int? {
    var best: (index: Int, distance: Int)?
    for index in dots.indices {
      guard let place = self.cell(of: index) else { continue }
      let dx = abs(place.x - cell.x)
      let dy = abs(place.y - cell.y)
      guard dx <= reach, 2 * dy <= reach else { continue }
      let distance = dx * dx + 4 * dy * dy
      if distance <= best?.distance ?? (reach * reach) { best = (index, distance) }
    }
    return best?.index
  }
}
