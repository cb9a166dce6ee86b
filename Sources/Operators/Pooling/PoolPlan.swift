/// Windows over planes of one to three spatial axes.
struct PoolPlan: Sendable {
  let planes: Int
  private let depth: SpatialAxis
  private let height: SpatialAxis
  private let width: SpatialAxis

  init(planes: Int, axes: [SpatialAxis]) {
    self.planes = planes
    (depth, height, width) = axes.asVolume
  }

  /// The part of one window that lies inside its plane.
  struct Window<Element> {
    let plane: UnsafePointer<Element>
    let axes: (depth: SpatialAxis, height: SpatialAxis, width: SpatialAxis)
    let position: (z: Int, y: Int, x: Int)

    /// Calls `body` with each run along the width: its first element, its length and the step between elements.
    @inline(__always)
    func forEachRun(_ body: (UnsafePointer<Element>, Int, Int) -> Void) {
      let across = axes.width.inside(position.x)
      if across.isEmpty { return }
      let x = axes.width.index(position.x, across.lowerBound)
      for w in axes.depth.inside(position.z) {
        let z = axes.depth.index(position.z, w)
        for v in axes.height.inside(position.y) {
          let y = axes.height.index(position.y, v)
          body(
            plane + ((z * axes.height.input + y) * axes.width.input + x), across.count, axes.width.dilation)
        }
      }
    }

    /// Places inside the padded plane.
    var paddedCount: Int {
      axes.depth.insidePadded(position.z) * axes.height.insidePadded(position.y)
        * axes.width.insidePadded(position.x)
    }
  }

  /// Calls `body` with every output's index and its window, in order.
  @inline(__always)
  func forEachWindow<Element>(_ input: UnsafePointer<Element>, _ body: (Int, Window<Element>) -> Void) {
    var place = 0
    for plane in 0..<planes {
      let start = input + plane * depth.input * height.input * width.input
      for z in 0..<depth.output {
        for y in 0..<height.output {
          for x in 0..<width.output {
            body(place, Window(plane: start, axes: (depth, height, width), position: (z, y, x)))
            place += 1
          }
        }
      }
    }
  }
}
